import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Readiness } from '../../lib/process/probes.ts'

const Alive = Type.Object({ status: Type.Literal('ok') })

const Ready = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('failing'), Type.Literal('draining')]),
  checks: Type.Record(
    Type.String(),
    Type.Object({
      status: Type.Union([Type.Literal('ok'), Type.Literal('failing')]),
      latencyMs: Type.Number(),
      error: Type.Optional(Type.String()),
    }),
  ),
})

export const healthRoutes: FastifyPluginAsyncTypebox<{ readiness: () => Promise<Readiness> }> = async (
  app,
  { readiness },
) => {
  app.get(
    '/health/live',
    {
      schema: {
        tags: ['health'],
        summary: 'Answers while the event loop turns; looks at nothing else',
        response: { 200: Alive },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/health/ready',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether requests should come here: each dependency with its state and latency',
        response: {
          200: Ready,
          503: { ...Ready, description: 'a dependency fails, or the process is stopping' },
        },
      },
    },
    async (_request, reply) => {
      const state = await readiness()
      return reply
        .code(state.status === 'ok' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(state)
    },
  )
}
