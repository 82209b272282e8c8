import { hash, timingSafeEqual } from 'node:crypto'
import { RoadpulseError } from '../../lib/errors.ts'

/** `operate` may do all that `read` may, and change something. */
export const ROLES = ['read', 'operate'] as const
export type Role = (typeof ROLES)[number]

/** What is known of a token: who holds it, what it allows, and the SHA-256 by which it is recognised. */
export type AccessToken = { role: Role; name: string; hash: string }

const FORMAT = 'role:sha256 or role:name:sha256'
const SHA256_HEX = /^[0-9a-f]{64}$/i
const NAME = /^[\w.@-]{1,64}$/

/** The tokens that open the api. They are random 256-bit numbers, so one round of SHA-256 is enough to keep them. */
export class AccessTokens {
  readonly #tokens: readonly { token: AccessToken; digest: Buffer }[]

  readonly #isEqual: typeof timingSafeEqual

  constructor(tokens: readonly AccessToken[], isEqual = timingSafeEqual) {
    this.#tokens = tokens.map((token) => ({ token, digest: Buffer.from(token.hash, 'hex') }))
    this.#isEqual = isEqual
  }

  /** Whether there are any; without them nobody is asked for one. */
  get areRequired(): boolean {
    return this.#tokens.length > 0
  }

  /** Compares with each of them, whichever fits, so that the time it takes tells nothing of what is right. */
  find(token: string): AccessToken | undefined {
    return this.#findByDigest(hash('sha256', token, 'buffer'))
  }

  findByHash(tokenHash: string): AccessToken | undefined {
    return this.#findByDigest(Buffer.from(tokenHash, 'hex'))
  }

  #findByDigest(given: Buffer): AccessToken | undefined {
    let found: AccessToken | undefined
    for (const { token, digest } of this.#tokens) {
      if (given.length === digest.length && this.#isEqual(given, digest)) found = token
    }
    return found
  }
}

export const hashOf = (secret: string) => hash('sha256', secret)

/**
 * Reads API_TOKENS: entries `role:sha256` or `role:name:sha256`, separated by commas. Throws one `CONFIGURATION` error
 * with every fault. It names entries by their place: what stands there instead of a hash may be the token itself.
 */
export function parseAccessTokens(text: string | undefined): AccessTokens {
  if (text === undefined || text.trim() === '') return new AccessTokens([])
  const tokens: AccessToken[] = []
  const faults: string[] = []
  for (const [index, entry] of text.split(',').entries()) {
    const parts = entry.trim().split(':')
    const [role = '', hash = ''] = [parts[0], parts.at(-1)?.toLowerCase()]
    const name = parts.length === 3 ? (parts[1] ?? '') : `${role}-${hash.slice(0, 8)}`
    const fault = faultOf(parts, { role, name, hash }, tokens)
    if (fault === undefined) tokens.push({ role: role as Role, name, hash })
    else faults.push(`entry ${index + 1} ${fault}`)
  }
  if (faults.length === 0) return new AccessTokens(tokens)
  throw new RoadpulseError(
    'CONFIGURATION',
    `API_TOKENS: expected ${FORMAT}, separated by commas (npm run token makes one): ${faults.join('; ')}`,
  )
}

function faultOf(
  parts: readonly string[],
  { role, name, hash }: { role: string; name: string; hash: string },
  before: readonly AccessToken[],
): string | undefined {
  if (parts.length < 2 || parts.length > 3) return `has ${parts.length} parts`
  const faults = [
    ROLES.includes(role as Role) ? [] : [`has none of the roles ${ROLES.join(', ')}`],
    NAME.test(name) || parts.length === 2 ? [] : ['has a name that is not 1 to 64 letters, digits and ._@-'],
    SHA256_HEX.test(hash) ? [] : ['does not end with the 64 hexadecimal digits of a SHA-256'],
    before.some((token) => token.hash === hash) ? ['has the token of an entry before it'] : [],
  ].flat()
  return faults.length === 0 ? undefined : faults.join(' and ')
}
