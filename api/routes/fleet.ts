import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { dataUnavailable } from '../deadline.ts'
import { Fleet } from '../fleet/fleet.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import { problemResponse } from '../problems.ts'

export const fleetRoutes: FastifyPluginAsyncTypebox<{ snapshots: Snapshots }> = async (
  app,
  { snapshots },
) => {
  app.get(
    '/fleet',
    {
      schema: {
        tags: ['operations'],
        summary: 'The workers, and the shards of stream 2 with who reads them and how far behind',
        response: { 200: Fleet, 503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE') },
      },
    },
    async (_request, reply) => {
      const snapshot = snapshots.latest()
      if (snapshot === undefined) throw dataUnavailable()
      reply.header('cache-control', 'no-store')
      return snapshot.fleet
    },
  )
}
