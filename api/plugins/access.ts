import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onResponseHookHandler,
  preParsingHookHandler,
} from 'fastify'
import type { AccessControl, Caller } from '../access/access-control.ts'
import { Problem } from '../problems.ts'
import { withHook } from './route-hooks.ts'

/** What a route asks of its caller: nothing, or a role. */
export type RouteAccess = 'open' | 'read' | 'operate'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
  }
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    caller: Caller | null
  }
}

/** Paths that hold no data. All others ask for a token, unless their route says that it is open. */
const OPEN_PATHS = /^\/(?:health\/|docs(?:\/|$)|session$)/
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Asks for a token where there is data, and for the role `operate` where something changes. It does so before the body
 * is read and after the rate limit has counted: who guesses is slowed down, too. Routes that are open and change nothing
 * carry no hook for it: health is asked all the time.
 */
export function guardAccess(app: FastifyInstance, access: AccessControl): void {
  app.decorateRequest('caller', null)
  app.addHook('onRoute', (route) => {
    const isChange = ![route.method].flat().every((method) => READING.has(method))
    const needed = OPEN_PATHS.test(route.url) ? 'open' : isChange ? 'operate' : 'read'
    route.config = { access: needed, ...route.config }
    if (route.config.access === 'open' && !isChange) return
    route.preParsing = withHook(route.preParsing, admit)
    if (isChange) route.onResponse = withHook(route.onResponse, logChange)
  })

  const admit: preParsingHookHandler = (request, reply, _payload, done) => {
    const { access: needed = 'operate' } = request.routeOptions.config
    const decide = (caller: Caller | undefined) => decideOn(access, { request, reply, needed, caller })
    const caller = needed === 'open' ? undefined : access.identify(request.headers)
    if (caller instanceof Promise) {
      void decideLater(caller, decide, done)
      return
    }
    // A token is looked at here and now; an error that is thrown here becomes the answer.
    decide(caller)
    done()
  }
}

async function decideLater<T>(
  caller: Promise<T>,
  decide: (caller: T) => void,
  done: (error?: Error) => void,
): Promise<void> {
  try {
    decide(await caller)
  } catch (error) {
    done(error as Error)
    return
  }
  done()
}

function decideOn(
  access: AccessControl,
  asked: { request: FastifyRequest; reply: FastifyReply; needed: RouteAccess; caller: Caller | undefined },
): void {
  const { request, reply, needed, caller } = asked
  const { headers, method } = request
  if (needed !== 'open') {
    if (caller === undefined) throw challenge(reply, headers.authorization !== undefined)
    if (needed === 'operate' && caller.role !== 'operate') {
      throw new Problem('FORBIDDEN', 'This token may only read; this asks for one with the role operate.')
    }
    request.caller = caller
  }
  if (!READING.has(method)) access.checkOrigin(headers, caller)
}

const logChange: onResponseHookHandler = (request, reply, done) => {
  const { caller, method } = request
  const route = request.routeOptions.url
  if (caller !== null) {
    request.log.info({ caller: caller.name, method, route, status: reply.statusCode }, 'change asked for')
  }
  done()
}

/** RFC 6750: without credentials only the scheme, with wrong ones that they are. */
function challenge(reply: FastifyReply, hasToken: boolean): Problem {
  reply.header('www-authenticate', `Bearer realm="roadpulse"${hasToken ? ', error="invalid_token"' : ''}`)
  return new Problem('UNAUTHENTICATED', 'Send a token as `Authorization: Bearer`, or sign in on the page.')
}
