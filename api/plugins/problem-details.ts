import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems.ts'

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'
const OVERLOADED_RETRY_SECONDS = 5

/** What asks for paths that do not exist is counted, too. */
export function answerUnknownPaths(app: FastifyInstance): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) =>
    send(reply, request, new Problem('NOT_FOUND', `No answer to ${request.method} ${pathOf(request)}.`)),
  )
}

/** Every error, whoever throws it, is answered as problem details (RFC 9457) with a stable code. */
export function answerError(
  error: FastifyError | Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const problem = error instanceof Problem ? error : toProblem(error, request)
  if (problem.status >= 500) request.log.error({ error }, 'request failed')
  send(reply, request, problem)
}

/** What the HTTP parser refuses never becomes a request: its answer is written to the socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const problem = brokenRequest(error.code)
    const body = JSON.stringify(problem.toDetails('', randomUUID()))
    socket.write(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroy()
}

function brokenRequest(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('HEADERS_TOO_LARGE', 'The headers are larger than 8 KiB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('REQUEST_TIMEOUT', 'The request took too long to arrive.')
  return new Problem('INVALID_REQUEST', 'This is not HTTP.')
}

/** What Fastify or a plugin threw. The text of an unexpected error stays in the log. */
function toProblem(error: FastifyError, { routeOptions }: FastifyRequest): Problem {
  const options = { cause: error }
  if (error.validation !== undefined) {
    const errors = error.validation.map((fault) => ({
      pointer: `/${error.validationContext ?? 'request'}${fault.instancePath}`,
      message: fault.message ?? 'not valid',
    }))
    return new Problem('INVALID_REQUEST', error.message, { ...options, errors })
  }
  switch (error.statusCode) {
    case 400:
      return new Problem('INVALID_REQUEST', error.message, options)
    case 413:
      return new Problem(
        'CONTENT_TOO_LARGE',
        `The body is larger than ${routeOptions.bodyLimit / 1_024} KiB.`,
        options,
      )
    case 414:
      return new Problem('URI_TOO_LONG', 'A part of the path is longer than 300 characters.', options)
    case 415:
      return new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.', options)
    case 503:
      return new Problem('OVERLOADED', error.message, {
        ...options,
        retryAfterSeconds: OVERLOADED_RETRY_SECONDS,
      })
    default:
      return new Problem('INTERNAL', 'The log has more under this requestId.', options)
  }
}

function send(reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  const details = problem.toDetails(pathOf(request), request.id)
  // Serialized here: the routes' own response schemas are not for errors.
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(details)
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url
}
