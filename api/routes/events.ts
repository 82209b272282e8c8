import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { AccessControl } from '../access/access-control.ts'
import { endWithSession } from '../live/end-with-session.ts'
import { parsePosition } from '../live/event-frames.ts'
import type { EventHub } from '../live/event-hub.ts'
import { Problem, problemResponse } from '../problems.ts'

const RETRY_AFTER_SECONDS = 10

export const eventsRoutes: FastifyPluginAsync<{ hub: EventHub; access: AccessControl }> = async (
  app,
  { hub, access },
) => {
  app.get(
    '/events',
    {
      // A HEAD would open a stream that nobody reads or closes.
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary:
          'Server-sent events: fleet, pipeline, incidents, replays, insights and accidents, about once a second',
        description:
          'The data of `fleet` and `pipeline` is that of the paths of these names; `incidents` holds those that are `open`, the `recent` twenty that are over, and `telling`: whether people can be told. `replays` holds up to 90: those that run, and then the newest that wait or ended in the last ten minutes. `insights` holds `severity` and ' +
          '`rejections`. `accidents` holds what is new; a client that sends its `Last-Event-ID` misses none of the last ' +
          '2,000, and one that cannot be continued gets them all, with `reset: true`. A stream that was opened with a ' +
          'session ends with it.',
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 160 })) }),
        response: {
          200: { description: 'the stream', content: { 'text/event-stream': { schema: Type.String() } } },
          503: problemResponse('too many clients', 'OVERLOADED'),
        },
      },
    },
    async (request, reply) => {
      const stream = hub.connect(parsePosition(request.headers['last-event-id']?.toString()))
      if (stream === undefined) {
        throw new Problem('OVERLOADED', 'Too many clients listen already.', {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      }
      if (request.caller?.by === 'session') {
        const { headers } = request
        endWithSession(stream, async () => access.identify(headers))
      }
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )
}
