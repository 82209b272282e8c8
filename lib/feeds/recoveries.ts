import type { Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import { claimedLettersKey, feedIndexKey, feedKey, openFeedsKey } from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'
import type { FeedPlan } from './feed.ts'
import { encodePace, encodePlan } from './feed-record.ts'

const createScript = loadScript(new URL('./scripts/create-feed.lua', import.meta.url))
const releaseScript = loadScript(new URL('./scripts/release-letters.lua', import.meta.url))
const SCANNED_AT_ONCE = 1_000

/** Which dead letters are on their way back, so that none goes twice. */
export type Recoveries = {
  /** Records a recovery of these letters. Throws `LETTERS_CLAIMED` when others have some of them. */
  create(name: string, plan: FeedPlan, letterIds: readonly string[]): Promise<void>
  /** Clears away what a recovery held that is over: from then on it holds nothing. May be repeated. */
  release(name: string): Promise<void>
  /** By which recovery that is not over each is held, if any. */
  holders(letterIds: readonly string[]): Promise<(string | null)[]>
}

export function createRecoveries(redis: Redis): Recoveries {
  return {
    async create(name, plan, letterIds) {
      const keys = [feedKey(name), feedIndexKey(), openFeedsKey(), claimedLettersKey()]
      const args = [name, encodePlan(plan), encodePace(plan.pace), ...letterIds]
      const held = (await createScript.run(redis, keys, args)) as string[]
      if (held.length === 0) return
      throw new RoadpulseError(
        'LETTERS_CLAIMED',
        `${held.length} of the letters are in a recovery already, for example ${held[0]}`,
      )
    },

    async release(name) {
      let cursor = '0'
      do {
        cursor = String(
          await releaseScript.run(redis, [claimedLettersKey()], [name, cursor, SCANNED_AT_ONCE]),
        )
      } while (cursor !== '0')
    },

    async holders(ids) {
      if (ids.length === 0) return []
      const claims = await redis.hmget(claimedLettersKey(), ...ids)
      const open = new Set(await redis.smembers(openFeedsKey()))
      return claims.map((name) => (name !== null && open.has(name) ? name : null))
    },
  }
}
