import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { parsePosition } from '../live/event-frames.ts'
import type { EventHub } from '../live/event-hub.ts'
import { Problem, problemResponse } from '../problems.ts'

export const eventsRoutes: FastifyPluginAsync<{ hub: EventHub }> = async (app, { hub }) => {
  app.get(
    '/events',
    {
      schema: {
        tags: ['live'],
        summary: 'Server-sent events: fleet, pipeline, insights and accidents, about once a second',
        description:
          'The data of `fleet` and `pipeline` is that of the paths of these names. `insights` holds `severity` and ' +
          '`rejections`. `accidents` holds what is new; a client that sends its `Last-Event-ID` misses none of the last ' +
          '2,000, and one that cannot be continued gets them all, with `reset: true`.',
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 160 })) }),
        response: {
          200: { description: 'the stream', content: { 'text/event-stream': { schema: Type.String() } } },
          503: problemResponse('too many clients'),
        },
      },
    },
    async (request, reply) => {
      const stream = hub.connect(parsePosition(request.headers['last-event-id']?.toString()))
      if (stream === undefined) {
        throw new Problem('OVERLOADED', 'Too many clients listen already.', { retryAfterSeconds: 10 })
      }
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )
}
