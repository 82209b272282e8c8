import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type TProperties, Type } from 'typebox'
import type { Readiness } from '../../lib/process/probes.ts'

export const Alive = Type.Object({ status: Type.Literal('ok') })

const Check = {
  status: Type.Union([Type.Literal('ok'), Type.Literal('failing')]),
  latencyMs: Type.Number(),
}

/** An answer is written by its schema: what that does not name does not leave. */
export const Ready = readySchema(Check)
const ReadyWithCauses = readySchema({ ...Check, error: Type.Optional(Type.String()) })

function readySchema<Fields extends TProperties>(check: Fields) {
  return Type.Object({
    status: Type.Union([Type.Literal('ok'), Type.Literal('failing'), Type.Literal('draining')]),
    checks: Type.Record(Type.String(), Type.Object(check)),
  })
}

/** For the document: open to all, and never turned away. */
const config = { access: 'open', rateLimit: false } as const

export const healthRoutes: FastifyPluginAsyncTypebox<{
  readiness: () => Promise<Readiness>
  /** Whether whoever may ask may also know the causes of faults: they name addresses. */
  showsCauses: boolean
}> = async (app, { readiness, showsCauses }) => {
  const schema = showsCauses ? ReadyWithCauses : Ready
  app.get(
    '/health/live',
    {
      config,
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
      config,
      schema: {
        tags: ['health'],
        summary: 'Whether requests should come here: each dependency with its state and latency',
        response: {
          200: schema,
          503: { ...schema, description: 'a dependency fails, or the process is stopping' },
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
