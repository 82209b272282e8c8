import { randomBytes } from 'node:crypto'
import { SESSION_MS, type Session, type SessionStore } from '../../api/access/session-store.ts'

export type MemorySessions = SessionStore & { sessions: Map<string, Session> }

/** Sessions as Redis keeps them, apart from their end by time. */
export function createMemorySessions(): MemorySessions {
  const sessions = new Map<string, Session>()
  return {
    sessions,
    async create(tokenHash) {
      const id = randomBytes(32).toString('base64url')
      const session = { tokenHash, expiresAt: Date.now() + SESSION_MS }
      sessions.set(id, session)
      return { id, ...session }
    },
    find: async (id) => sessions.get(id),
    async end(id) {
      sessions.delete(id)
    },
  }
}
