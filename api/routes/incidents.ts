import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { readInTime } from '../deadline.ts'
import { IsoTime, nullable } from '../field-types.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import { problemResponse } from '../problems.ts'
import { Incident, Telling } from '../watchdog/incident.ts'
import type { IncidentBoards } from '../watchdog/incident-board.ts'
import type { IncidentReader } from '../watchdog/incident-reader.ts'

const FleetHealth = Type.Object({
  status: Type.Enum(['healthy', 'unhealthy']),
  asOf: IsoTime,
  telling: Telling,
  incidents: Type.Array(Incident, {
    description: 'that are open; those that are critical make it unhealthy',
  }),
})

export type IncidentsRoutesOptions = {
  incidents: IncidentReader
  boards: Pick<IncidentBoards, 'latest'>
  snapshots: Snapshots
  /** Whether whoever may ask for the fleet's health may also know the causes: they name files and machines. */
  showsCauses: boolean
}

export const incidentsRoutes: FastifyPluginAsyncTypebox<IncidentsRoutesOptions> = async (
  app,
  { incidents, boards, snapshots, showsCauses },
) => {
  app.get(
    '/incidents',
    {
      schema: {
        tags: ['operations'],
        summary: 'What was or is wrong, newest first, and what people were told of it',
        querystring: Type.Object({
          state: Type.Optional(Type.Unsafe<'open' | 'closed'>({ type: 'string', enum: ['open', 'closed'] })),
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
          cursor: Type.Optional(
            Type.String({
              pattern: '^\\d{1,15}\\.[ -~]{1,300}$',
              description: '`nextCursor` of the page before',
            }),
          ),
        }),
        response: {
          200: Type.Object({ items: Type.Array(Incident), nextCursor: nullable(Type.String()) }),
          400: problemResponse('a parameter is not valid', 'INVALID_REQUEST'),
          503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('cache-control', 'no-store')
      return readInTime(incidents.list(query))
    },
  )

  app.get(
    '/health/fleet',
    {
      schema: {
        tags: ['health'],
        summary: 'For a monitor from outside: whether all of it is well, and whether people can be told',
        response: {
          200: FleetHealth,
          503: { ...FleetHealth, description: 'something critical is wrong, or nothing can be read' },
        },
      },
    },
    async (_request, reply) => {
      const { open, telling } = boards.latest()
      const snapshot = snapshots.latest()
      const isHealthy = snapshot !== undefined && open.every(({ severity }) => severity !== 'critical')
      return reply
        .code(isHealthy ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({
          status: isHealthy ? ('healthy' as const) : ('unhealthy' as const),
          asOf: new Date(snapshot?.at ?? Date.now()).toISOString(),
          telling: showsCauses ? telling : { ...telling, detail: null },
          incidents: showsCauses ? open : open.map(withoutCauses),
        })
    },
  )
}

/** What is wrong and since when, for who may know that and no more. */
function withoutCauses(incident: Incident): Incident {
  const { kind, service, openedAt } = incident
  const summary = `${service}: ${kind} since ${openedAt}.`
  return { ...incident, summary, workers: [], details: {}, publications: [] }
}
