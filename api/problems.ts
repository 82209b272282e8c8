import { Type } from 'typebox'

/** Every kind of error that the api answers with: what programs decide on (`code`) and what people read (`title`). */
const PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'A token is needed' },
  FORBIDDEN: { status: 403, title: 'The token does not allow it' },
  CROSS_SITE: { status: 403, title: 'The request is made for another site' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  REPLAY_NOT_FOUND: { status: 404, title: 'There is no such replay' },
  LETTERS_CLAIMED: { status: 409, title: 'Some dead letters are on their way back already' },
  REPLAY_STATE: { status: 409, title: 'The state of the replay does not allow it' },
  UNPROCESSABLE_REQUEST: { status: 422, title: 'The request makes no sense' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used before' },
  REQUEST_IN_PROGRESS: { status: 409, title: 'The same request is being answered' },
  FEED_NOT_FOUND: { status: 404, title: 'There is no such feed' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not come to its end' },
  CONTENT_TOO_LARGE: { status: 413, title: 'The request is too large' },
  URI_TOO_LONG: { status: 414, title: 'The path is too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is of another kind than JSON' },
  RATE_LIMITED: { status: 429, title: 'Too many requests from this address' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  INTERNAL: { status: 500, title: 'The api failed' },
  OVERLOADED: { status: 503, title: 'The api is overloaded' },
  DATA_UNAVAILABLE: { status: 503, title: 'The data cannot be read at present' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

export type InvalidPart = { pointer: string; message: string }

/** An error that is an answer: the error handler turns it into problem details. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly errors: InvalidPart[]
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    detail: string,
    options: { cause?: unknown; errors?: InvalidPart[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = PROBLEMS[code].status
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  toDetails(instance: string, requestId: string): ProblemDetails {
    return {
      type: `urn:roadpulse:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.message,
      instance,
      code: this.code,
      requestId,
      ...(this.errors.length === 0 ? {} : { errors: this.errors }),
    }
  }
}

export type ProblemDetails = {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  code: ProblemCode
  requestId: string
  errors?: InvalidPart[]
}

/** Every code with the status that it is answered with. */
export const PROBLEM_STATUSES = Object.fromEntries(
  Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]),
) as Record<ProblemCode, number>

/** RFC 9457, with the codes that are possible where it is answered. */
const schemaOf = (codes: readonly ProblemCode[]) =>
  Type.Object(
    {
      type: Type.String(),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String(),
      instance: Type.String(),
      code: Type.Enum([...codes], { description: 'what a program decides on; never changes' }),
      requestId: Type.String(),
      errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }))),
    },
    { title: 'Problem details (RFC 9457)' },
  )

export type ProblemResponse = ReturnType<typeof problemResponse>

const RETRY_AFTER = {
  'retry-after': { type: 'integer', description: 'seconds after which it is worth trying again' },
}
const HEADERS: Readonly<Record<number, object>> = {
  401: { 'www-authenticate': { type: 'string', description: 'Bearer' } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
}

/** Response schema of one error status: what it means here, and the codes, all of that status, that it comes with. */
export const problemResponse = (description: string, ...codes: [ProblemCode, ...ProblemCode[]]) => ({
  description,
  headers: HEADERS[PROBLEM_STATUSES[codes[0]]] ?? {},
  content: { 'application/problem+json': { schema: schemaOf(codes) } },
})
