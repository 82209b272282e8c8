import { Type } from 'typebox'

/** Every kind of error that the api answers with: what programs decide on (`code`) and what people read (`title`). */
const PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  FEED_NOT_FOUND: { status: 404, title: 'There is no such feed' },
  CONTENT_TOO_LARGE: { status: 413, title: 'The request is too large' },
  REQUEST_FAILED: { status: 400, title: 'The request cannot be answered' },
  INTERNAL: { status: 500, title: 'The api failed' },
  OVERLOADED: { status: 503, title: 'The api is overloaded' },
  DATA_UNAVAILABLE: { status: 503, title: 'The data cannot be read at present' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

type InvalidPart = { pointer: string; message: string }

/** An error that is an answer: the error handler turns it into problem details. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly errors: InvalidPart[]
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    detail: string,
    options: { cause?: unknown; status?: number; errors?: InvalidPart[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = options.status ?? PROBLEMS[code].status
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

/** RFC 9457, as the responses of the routes refer to it. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.Enum(Object.keys(PROBLEMS), { description: 'what a program decides on; never changes' }),
    requestId: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }))),
  },
  { title: 'Problem details (RFC 9457)' },
)

/** Response schema of one error status, with the media type that it is sent with. */
export const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
})
