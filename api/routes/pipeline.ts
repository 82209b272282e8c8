import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { dataUnavailable } from '../deadline.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { problemResponse } from '../problems.ts'

export const pipelineRoutes: FastifyPluginAsyncTypebox<{ snapshots: Snapshots }> = async (
  app,
  { snapshots },
) => {
  app.get(
    '/pipeline',
    {
      schema: {
        tags: ['operations'],
        summary: 'Whether anything was lost: what every place has counted of each feed, and the differences',
        response: { 200: Pipeline, 503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE') },
      },
    },
    async (_request, reply) => {
      const snapshot = snapshots.latest()
      if (snapshot === undefined) throw dataUnavailable()
      reply.header('cache-control', 'no-store')
      return snapshot.pipeline
    },
  )
}
