import type { RouteOptions } from 'fastify'
import { PROBLEM_STATUSES, type ProblemCode, type ProblemResponse, problemResponse } from '../problems.ts'

type Responses = Record<string, unknown>
type Schema = { params?: unknown; querystring?: unknown; headers?: unknown; response?: Responses }

const MEANINGS = {
  INVALID_REQUEST: 'the request is not valid',
  UNAUTHENTICATED: 'no token, or one that is not known',
  FORBIDDEN: 'the token may only read',
  CROSS_SITE: 'a page of another address asks for it',
  REQUEST_TIMEOUT: 'the request did not come to its end in time',
  CONTENT_TOO_LARGE: 'the body is larger than 64 KiB',
  URI_TOO_LONG: 'a part of the path is longer than 300 characters',
  UNSUPPORTED_MEDIA_TYPE: 'the body is no JSON',
  RATE_LIMITED: 'too many requests from this address',
  HEADERS_TOO_LARGE: 'the headers are larger than 8 KiB',
  INTERNAL: 'a fault of the api',
  OVERLOADED: 'more to do than it can',
  DATA_UNAVAILABLE: 'Redis does not answer',
} as const satisfies Partial<Record<ProblemCode, string>>

type CommonCode = keyof typeof MEANINGS

/** The responses of a route as its own schema names them, with those that it has because all of its kind have them. */
export function withCommonResponses(schema: Schema, route: RouteOptions): Responses {
  const responses: Responses = { ...schema.response }
  for (const code of commonCodes(schema, route)) {
    const status = PROBLEM_STATUSES[code]
    const meaning =
      code === 'CONTENT_TOO_LARGE' && route.bodyLimit !== undefined
        ? `the body is larger than ${route.bodyLimit / 1_024} KiB`
        : MEANINGS[code]
    responses[status] = merge(responses[status] as ProblemResponse | undefined, code, meaning)
  }
  return responses
}

function commonCodes(schema: Schema, { method, url, config }: RouteOptions): CommonCode[] {
  const isChange = ![method].flat().includes('GET')
  const isOpen = config?.access === 'open'
  const isHealth = config?.rateLimit === false
  const hasInput = [schema.params, schema.querystring, schema.headers].some((part) => part !== undefined)
  return [
    ...(hasInput || isChange ? (['INVALID_REQUEST'] as const) : []),
    ...(isOpen ? [] : (['UNAUTHENTICATED', 'DATA_UNAVAILABLE'] as const)),
    ...(config?.access === 'operate' ? (['FORBIDDEN'] as const) : []),
    ...(isChange ? (['CROSS_SITE', 'CONTENT_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...(url.includes(':') ? (['URI_TOO_LONG'] as const) : []),
    ...(isHealth ? [] : (['RATE_LIMITED', 'OVERLOADED'] as const)),
    ...(['REQUEST_TIMEOUT', 'HEADERS_TOO_LARGE', 'INTERNAL'] as const),
  ]
}

/** One response can have several codes: its own come first. An answer that is no problem (health) stays as it is. */
function merge(own: ProblemResponse | undefined, code: CommonCode, meaning: string): object {
  if (own === undefined) return problemResponse(meaning, code)
  const codes = codesOf(own)
  if (codes === undefined || codes.includes(code)) return own
  return problemResponse(`${own.description}; or ${meaning}`, ...codes, code)
}

function codesOf(response: ProblemResponse): [ProblemCode, ...ProblemCode[]] | undefined {
  const schema = response.content?.['application/problem+json']?.schema
  return schema?.properties.code.enum as [ProblemCode, ...ProblemCode[]] | undefined
}
