import type { IncomingHttpHeaders } from 'node:http'
import { readInTime } from '../deadline.ts'
import { Problem } from '../problems.ts'
import type { AccessToken, AccessTokens, Role } from './access-tokens.ts'
import { isAddressedToLoopback, isCrossSite, isFromBrowser } from './request-origin.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { SessionStore } from './session-store.ts'

/** Who asks. `session` when it is a browser that has signed in; without tokens everybody is `anybody`. */
export type Caller = {
  role: Role
  name: string
  by: 'anybody' | 'token' | 'session'
  session?: { id: string; expiresAt: number }
}

export type AccessControl = {
  /** Whether anything with data asks for a token. */
  isRequired: boolean
  cookieName: string
  /** Undefined for nobody that is known. A promise only for a session; a problem when it cannot be looked up. */
  identify(headers: IncomingHttpHeaders): Caller | undefined | Promise<Caller | undefined>
  /** Throws a problem for a change that a browser makes on behalf of another site. */
  checkOrigin(headers: IncomingHttpHeaders, caller: Caller | undefined): void
  /** The `set-cookie` of a new session; undefined when nobody has this token. */
  signIn(token: string): Promise<{ name: string; cookie: string } | undefined>
  /** Ends the session that the headers name, if any; gives the `set-cookie` that removes it. */
  signOut(headers: IncomingHttpHeaders): Promise<string>
}

const ANYBODY: Caller = { role: 'operate', name: 'anybody', by: 'anybody' }
const BEARER = /^bearer +(?<token>[^\s,]{1,200})$/i

/** Tokens for programs and sessions for people. A session lasts no longer than its token is one of `tokens`. */
export function createAccessControl(options: {
  tokens: AccessTokens
  sessions: SessionStore
  cookie: SessionCookie
}): AccessControl {
  const { tokens, sessions, cookie } = options

  async function callerOfSession(id: string): Promise<Caller | undefined> {
    const session = await readInTime(sessions.find(id))
    const token = session === undefined ? undefined : tokens.findByHash(session.tokenHash)
    if (session === undefined || token === undefined) return undefined
    return { ...describe(token), by: 'session', session: { id, expiresAt: session.expiresAt } }
  }

  return {
    isRequired: tokens.areRequired,
    cookieName: cookie.name,

    identify(headers) {
      if (!tokens.areRequired) return ANYBODY
      if (headers.authorization !== undefined) {
        const token = tokens.find(BEARER.exec(headers.authorization)?.groups?.['token'] ?? '')
        return token === undefined ? undefined : { ...describe(token), by: 'token' }
      }
      const id = cookie.read(headers.cookie)
      return id === undefined ? undefined : callerOfSession(id)
    },

    checkOrigin(headers, caller) {
      // A page cannot make a browser send a token, and a program need not say where it is from.
      if (caller?.by === 'token') return
      const isRefused =
        isCrossSite(headers) ||
        (caller?.by === 'session' && !isFromBrowser(headers)) ||
        (caller?.by === 'anybody' && isFromBrowser(headers) && !isAddressedToLoopback(headers))
      if (isRefused) throw new Problem('CROSS_SITE', 'A page of another address may change nothing here.')
    },

    async signIn(secret) {
      const token = tokens.find(secret)
      if (token === undefined) return undefined
      const { id, expiresAt } = await readInTime(sessions.create(token.hash))
      return { name: token.name, cookie: cookie.give(id, expiresAt, Date.now()) }
    },

    async signOut(headers) {
      const id = cookie.read(headers.cookie)
      if (id !== undefined) await readInTime(sessions.end(id))
      return cookie.take()
    },
  }
}

const describe = ({ role, name }: AccessToken) => ({ role, name })
