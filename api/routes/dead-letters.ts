import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { bodyReadByHand } from '../body-read-by-hand.ts'
import { DeadLetterItem, Origin } from '../dead-letters/dead-letter-resource.ts'
import type { DeadLetterService } from '../dead-letters/dead-letter-service.ts'
import {
  RECOVERY_BODY_LIMIT_BYTES,
  RecoveryRequest,
  readRecoveryRequest,
} from '../dead-letters/recovery-request.ts'
import { readInTime } from '../deadline.ts'
import { nullable } from '../field-types.ts'
import { problemResponse } from '../problems.ts'
import { Replay } from '../replays/replay-resource.ts'

const DAY_MS = 86_400_000
const SHOWN_DAYS = 7
/** Objects of S3 are read for it. */
const LIST_DEADLINE_MS = 15_000
const RECOVER_DEADLINE_MS = 60_000

const moment = (description: string) =>
  Type.Optional(
    Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?Z$', description }),
  )

const id = Type.String({ pattern: '^[A-Za-z0-9_-]{1,300}$' })

export const deadLettersRoutes: FastifyPluginAsyncTypebox<{ deadLetters: DeadLetterService }> = async (
  app,
  { deadLetters },
) => {
  app.get(
    '/dead-letters',
    {
      schema: {
        tags: ['replays'],
        summary: 'What was put aside, from where and why, newest first',
        querystring: Type.Object({
          origin: Type.Optional(Origin),
          feed: Type.Optional(Type.String({ maxLength: 80 })),
          from: moment('stored at this moment or later, UTC; 7 days ago by default'),
          to: moment('stored at this moment or before, UTC'),
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
          cursor: Type.Optional(id),
        }),
        response: {
          200: Type.Object({ items: Type.Array(DeadLetterItem), nextCursor: nullable(Type.String()) }),
          400: problemResponse('not a request', 'INVALID_REQUEST'),
          503: problemResponse('Redis or S3 does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async ({ query }) => {
      const { origin, feed, limit, cursor } = query
      const to = timeOf(query.to, Date.now())
      const wanted = {
        from: timeOf(query.from, to - SHOWN_DAYS * DAY_MS),
        to,
        ...(origin === undefined ? {} : { origin }),
        ...(feed === undefined ? {} : { feed }),
      }
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
      return readInTime(deadLetters.list(wanted, page), LIST_DEADLINE_MS)
    },
  )

  app.get(
    '/dead-letters/:id',
    {
      schema: {
        tags: ['replays'],
        summary: 'One dead letter',
        params: Type.Object({ id }),
        response: {
          200: DeadLetterItem,
          400: problemResponse('not a request', 'INVALID_REQUEST'),
          404: problemResponse('no such dead letter', 'NOT_FOUND'),
          503: problemResponse('Redis or S3 does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async ({ params }) => readInTime(deadLetters.get(params.id), LIST_DEADLINE_MS),
  )

  app.post(
    '/dead-letters/replays',
    {
      // Ten thousand ids do not fit into the limit of all other requests.
      bodyLimit: RECOVERY_BODY_LIMIT_BYTES,
      validatorCompiler: bodyReadByHand,
      schema: {
        tags: ['replays'],
        summary: 'Feed dead letters in again, the way back that their origin has',
        description:
          'Rows and what Flink refused go through the producer under the feed and seq that they had; what the consumer could ' +
          'not handle goes to the handler. The answer is a replay like any other. Its letters are then marked as done.',
        body: RecoveryRequest,
        response: {
          202: Replay,
          400: problemResponse('not a request', 'INVALID_REQUEST'),
          404: problemResponse('no such dead letter', 'NOT_FOUND'),
          409: problemResponse('some of the letters are on their way back already', 'LETTERS_CLAIMED'),
          422: problemResponse('there is no way back for what is asked for', 'UNPROCESSABLE_REQUEST'),
          503: problemResponse('Redis or S3 does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async ({ body }, reply) => {
      const request = readRecoveryRequest(body)
      const replay = await readInTime(deadLetters.recover(request), RECOVER_DEADLINE_MS)
      return reply.code(202).header('location', `/replays/${replay.id}`).send(replay)
    },
  )
}

function timeOf(text: string | undefined, otherwise: number): number {
  const ms = text === undefined ? otherwise : Date.parse(text)
  return Number.isNaN(ms) ? otherwise : ms
}
