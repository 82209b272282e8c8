import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems.ts'

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Every error, whoever throws it, is answered as problem details (RFC 9457) with a stable code. */
export function answerErrorsAsProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    const problem = error instanceof Problem ? error : toProblem(error)
    if (problem.status >= 500) request.log.error({ error }, 'request failed')
    return send(reply, request, problem)
  })
  app.setNotFoundHandler((request, reply) =>
    send(reply, request, new Problem('NOT_FOUND', `No answer to ${request.method} ${pathOf(request)}.`)),
  )
}

/** What Fastify or a plugin threw. The text of an unexpected error stays in the log. */
function toProblem(error: FastifyError): Problem {
  if (error.validation !== undefined) {
    const errors = error.validation.map((fault) => ({
      pointer: `/${error.validationContext ?? 'request'}${fault.instancePath}`,
      message: fault.message ?? 'not valid',
    }))
    return new Problem('INVALID_REQUEST', error.message, { cause: error, errors })
  }
  const status = error.statusCode ?? 500
  if (status === 413) return new Problem('CONTENT_TOO_LARGE', error.message, { cause: error })
  if (status === 503) return new Problem('OVERLOADED', error.message, { cause: error, retryAfterSeconds: 5 })
  if (status < 500) return new Problem('REQUEST_FAILED', error.message, { cause: error, status })
  return new Problem('INTERNAL', 'The log has more under this requestId.', { cause: error })
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
