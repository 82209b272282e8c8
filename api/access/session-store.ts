import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { sessionKey, sessionsOfTokenKey } from '../../lib/redis/keys.ts'
import { loadScript } from '../../lib/redis/load-script.ts'
import { hashOf } from './access-tokens.ts'

export const SESSION_MS = 8 * 3_600_000
/** Of one token; the oldest end when there are more. */
const MAX_SESSIONS = 100
const ID_BYTES = 32

/** A signed-in browser. `tokenHash` is that of the token it signed in with, without which it is worth nothing. */
export type Session = { tokenHash: string; expiresAt: number }

/** Sessions by their random ids. Redis holds only hashes of the ids: whoever reads it cannot take part in one. */
export type SessionStore = {
  create(tokenHash: string): Promise<{ id: string } & Session>
  find(id: string): Promise<Session | undefined>
  end(id: string): Promise<void>
}

const createScript = loadScript(new URL('scripts/create-session.lua', import.meta.url))

export function createSessionStore(redis: Redis, lastsMs = SESSION_MS): SessionStore {
  async function find(idHash: string): Promise<Session | undefined> {
    const [tokenHash, remainingMs] = await Promise.all([
      redis.get(sessionKey(idHash)),
      redis.pttl(sessionKey(idHash)),
    ])
    return tokenHash === null ? undefined : { tokenHash, expiresAt: Date.now() + Math.max(remainingMs, 0) }
  }

  return {
    async create(tokenHash) {
      const id = randomBytes(ID_BYTES).toString('base64url')
      const idHash = hashOf(id)
      const keys = [sessionKey(idHash), sessionsOfTokenKey(tokenHash)]
      const args = [idHash, tokenHash, lastsMs, MAX_SESSIONS, sessionKey('')]
      return { id, tokenHash, expiresAt: Number(await createScript.run(redis, keys, args)) }
    },
    find: (id) => find(hashOf(id)),
    async end(id) {
      const idHash = hashOf(id)
      const session = await find(idHash)
      if (session === undefined) return
      await redis.del(sessionKey(idHash))
      await redis.zrem(sessionsOfTokenKey(session.tokenHash), idHash)
    },
  }
}
