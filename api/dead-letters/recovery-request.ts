import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { parseLetterId } from '../../lib/dead-letters/letter-id.ts'
import { type InvalidPart, Problem } from '../problems.ts'

/** What one recovery takes at most: somebody looked at them. */
export const MAX_LETTERS = 10_000
/** As many ids are about 1 MiB; the rest is for fixes. */
export const RECOVERY_BODY_LIMIT_BYTES = 2 * 1_048_576
/** As much as a `rejected` envelope carries of a record; a row of the dataset is some hundred bytes. */
const MAX_FIX_CHARACTERS = 65_536

const Id = Type.String({ minLength: 1, maxLength: 300 })

/** The body of `POST /dead-letters/replays`: the letters by their ids, or all of an origin from a span of time. */
export const RecoveryRequest = Type.Object(
  {
    origin: Type.Enum(['row', 'rejected', 'handler'], {
      description: 'the way back: through the producer, or to the handler; oversize has none',
    }),
    ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: MAX_LETTERS })),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'stored at this moment or later' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'stored at this moment or before' })),
    feed: Type.Optional(Type.String({ description: 'only of this feed' })),
    fixes: Type.Optional(
      Type.Array(
        Type.Object(
          { id: Id, text: Type.String({ maxLength: MAX_FIX_CHARACTERS }) },
          { additionalProperties: false },
        ),
        {
          maxItems: MAX_LETTERS,
          description: 'what goes out instead of what is stored; the whole request has 2 MiB at most',
        },
      ),
    ),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
)
export type RecoveryRequest = Static<typeof RecoveryRequest>

/** A request with all that is wrong with it at once, or not at all; problems as for `POST /replays`. */
export function readRecoveryRequest(body: unknown): RecoveryRequest {
  const shape: InvalidPart[] = Value.Errors(RecoveryRequest, body)
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ instancePath, keyword, message }) => ({
      pointer: `/body${instancePath}`,
      message: keyword === 'boolean' ? 'is not known here' : message,
    }))
  if (shape.length > 0) throw new Problem('INVALID_REQUEST', textOf(shape), { errors: shape })
  const request = body as RecoveryRequest
  const faults: InvalidPart[] = []
  if ((request.ids === undefined) === (request.from === undefined || request.to === undefined)) {
    faults.push({ pointer: '/body/ids', message: 'must be given, or from and to instead' })
  }
  const named = [
    ...(request.ids ?? []).map((id, i) => ({ id, pointer: `/body/ids/${i}` })),
    ...(request.fixes ?? []).map(({ id }, i) => ({ id, pointer: `/body/fixes/${i}/id` })),
  ]
  for (const { id, pointer } of named) {
    if (parseLetterId(id) === undefined) faults.push({ pointer, message: 'is no id of GET /dead-letters' })
  }
  if (faults.length > 0) throw new Problem('UNPROCESSABLE_REQUEST', textOf(faults), { errors: faults })
  return request
}

const textOf = (faults: readonly InvalidPart[]) =>
  faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')
