/** An id is 32 bytes in base64url; anything else is no session and is not looked for. */
const ID = /^[\w-]{43}$/

export type SessionCookie = {
  name: string
  /** The session's id in a request's `cookie` header. */
  read(header: string | undefined): string | undefined
  /** The value of `set-cookie` for a new session, until `expiresAt` (epoch ms). */
  give(id: string, expiresAt: number, now: number): string
  /** The one that takes it back. */
  take(): string
}

/**
 * The cookie of a session: no script reads it, no other site sends it. `isSecure` binds it to HTTPS and, by the prefix
 * `__Host-`, to this very host. On loopback the listener speaks plain HTTP, where browsers would drop a Secure cookie.
 */
export function createSessionCookie({ isSecure }: { isSecure: boolean }): SessionCookie {
  const name = isSecure ? '__Host-roadpulse' : 'roadpulse'
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  return {
    name,
    read(header) {
      const pairs = header?.split(';') ?? []
      const value = pairs
        .map((pair) => pair.trim())
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1)
      return value !== undefined && ID.test(value) ? value : undefined
    },
    give: (id, expiresAt, now) =>
      `${name}=${id}; Max-Age=${Math.max(Math.floor((expiresAt - now) / 1_000), 0)}; ${attributes}`,
    take: () => `${name}=; Max-Age=0; ${attributes}`,
  }
}
