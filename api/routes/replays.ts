import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FEED_STATES, type FeedState } from '../../lib/feeds/feed.ts'
import { bodyReadByHand } from '../body-read-by-hand.ts'
import { readInTime } from '../deadline.ts'
import { nullable } from '../field-types.ts'
import { problemResponse } from '../problems.ts'
import { ReplayEstimate } from '../replays/replay-estimate.ts'
import {
  ReplayChange,
  ReplayRequest,
  readReplayChange,
  readReplayRequest,
} from '../replays/replay-request.ts'
import { Replay } from '../replays/replay-resource.ts'
import type { ReplayAction, ReplayService } from '../replays/replay-service.ts'

const params = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) })

const refusals = {
  400: problemResponse('not a request', 'INVALID_REQUEST'),
  404: problemResponse('no such replay', 'REPLAY_NOT_FOUND'),
  409: problemResponse('the state of the replay does not allow it', 'REPLAY_STATE'),
  503: problemResponse('Redis or S3 does not answer', 'DATA_UNAVAILABLE'),
}

export const replaysRoutes: FastifyPluginAsyncTypebox<{ replays: ReplayService }> = async (
  app,
  { replays },
) => {
  app.post(
    '/replays',
    {
      validatorCompiler: bodyReadByHand,
      schema: {
        tags: ['replays'],
        summary: 'Replay a CSV or a part of the raw layer beside the live feed',
        description:
          'The source is looked at and pinned at once. An `Idempotency-Key` (up to 200 characters, remembered for a day) ' +
          'makes it safe to send a request again.',
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ maxLength: 200 })) }),
        body: ReplayRequest,
        response: {
          202: Replay,
          400: refusals[400],
          409: problemResponse(
            'the first request with this Idempotency-Key is not done yet',
            'REQUEST_IN_PROGRESS',
          ),
          422: problemResponse(
            'what is asked for makes no sense, its source cannot be replayed, or the Idempotency-Key was used for another request',
            'UNPROCESSABLE_REQUEST',
            'IDEMPOTENCY_KEY_REUSED',
          ),
          503: refusals[503],
        },
      },
    },
    async ({ body, headers }, reply) => {
      const request = readReplayRequest(body)
      const replay = await readInTime(replays.create(request, headers['idempotency-key']), CREATE_DEADLINE_MS)
      return reply.code(202).header('location', `/replays/${replay.id}`).send(replay)
    },
  )

  app.post(
    '/replays/estimate',
    {
      validatorCompiler: bodyReadByHand,
      schema: {
        tags: ['replays'],
        summary: 'How long a replay would take; nothing is started',
        description:
          'Takes what `POST /replays` takes. The source is not read: its rows are reckoned by its size and the size of the ' +
          'first ones, and a CSV says when its accidents happened once it has been sorted for the pace `speed`.',
        body: ReplayRequest,
        response: {
          200: ReplayEstimate,
          400: refusals[400],
          422: problemResponse(
            'what is asked for makes no sense, or its source cannot be replayed',
            'UNPROCESSABLE_REQUEST',
          ),
          503: refusals[503],
        },
      },
    },
    async ({ body }) => readInTime(replays.estimate(readReplayRequest(body)), ESTIMATE_DEADLINE_MS),
  )

  app.get(
    '/replays',
    {
      schema: {
        tags: ['replays'],
        summary: 'Replays, newest first',
        querystring: Type.Object({
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
          cursor: Type.Optional(
            Type.String({
              pattern: '^\\d{1,15}\\.[\\w-]{1,80}$',
              description: '`nextCursor` of the page before',
            }),
          ),
          state: Type.Optional(Type.Unsafe<FeedState>({ type: 'string', enum: [...FEED_STATES] })),
        }),
        response: {
          200: Type.Object({ items: Type.Array(Replay), nextCursor: nullable(Type.String()) }),
          400: refusals[400],
          503: refusals[503],
        },
      },
    },
    async ({ query }) => readInTime(replays.list(query)),
  )

  app.get(
    '/replays/:id',
    {
      schema: {
        tags: ['replays'],
        summary: 'One replay with its progress',
        params,
        response: { 200: Replay, 400: refusals[400], 404: refusals[404], 503: refusals[503] },
      },
    },
    async ({ params }) => readInTime(replays.get(params.id)),
  )

  app.patch(
    '/replays/:id',
    {
      validatorCompiler: bodyReadByHand,
      schema: {
        tags: ['replays'],
        summary: 'Change the pace of a replay, also of one that runs',
        params,
        body: ReplayChange,
        response: {
          200: Replay,
          422: problemResponse('the pace makes no sense', 'UNPROCESSABLE_REQUEST'),
          ...refusals,
        },
      },
    },
    async ({ params, body }) => {
      const { pace } = readReplayChange(body)
      return readInTime(replays.setPace(params.id, pace))
    },
  )

  function action(method: 'POST' | 'DELETE', url: string, what: ReplayAction, summary: string) {
    app.route({
      method,
      url,
      schema: { tags: ['replays'], summary, params, response: { 200: Replay, ...refusals } },
      handler: async ({ params }) => readInTime(replays.act(params.id, what)),
    })
  }
  action('DELETE', '/replays/:id', 'cancel', 'Cancel a replay for good; what it has sent stays')
  action('POST', '/replays/:id/pause', 'pause', 'Pause a replay; its position is kept')
  action('POST', '/replays/:id/resume', 'resume', 'Go on with a replay that is paused')
  action('POST', '/replays/:id/retry', 'retry', 'Go on with a replay that failed, from where it was')
}

/** Its source is looked at in S3. */
const CREATE_DEADLINE_MS = 30_000
/** Somebody waits for it in front of a form. */
const ESTIMATE_DEADLINE_MS = 10_000
