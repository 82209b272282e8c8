import type { Redis } from 'ioredis'
import {
  hourIndexKey,
  hourKey,
  minuteIndexKey,
  minuteKey,
  receivedFeedsKey,
  receivedKey,
} from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'

const HOUR_MS = 3_600_000
/** A feed's minutes are kept so long before they become hours. */
const MINUTES_KEPT_MS = 48 * HOUR_MS
const HOURS_KEPT_MS = 31 * 24 * HOUR_MS

const FOLD_MINUTES = loadScript(new URL('./scripts/fold-minutes.lua', import.meta.url))

/**
 * Folds the minutes of all feeds that are older than 48 hours into hours. `now`: epoch ms. Several workers may do it at
 * the same time. Resolves to how many minutes were folded.
 */
export async function foldMinutes(redis: Redis, now: number): Promise<number> {
  const foldedBefore = now - MINUTES_KEPT_MS - (now % HOUR_MS)
  let folded = 0
  for (const feed of await redis.zrange(receivedFeedsKey(), '0', '-1')) {
    const minutes = await redis.zrangebyscore(minuteIndexKey(feed), '-inf', `(${foldedBefore}`)
    const byHour = Map.groupBy(minutes.map(Number), (minute) => minute - (minute % HOUR_MS))
    for (const [hour, ofHour] of byHour) folded += await foldHour(redis, feed, { hour, ofHour, foldedBefore })
  }
  return folded
}

async function foldHour(
  redis: Redis,
  feed: string,
  { hour, ofHour, foldedBefore }: { hour: number; ofHour: readonly number[]; foldedBefore: number },
): Promise<number> {
  const reply = await FOLD_MINUTES.run(
    redis,
    [
      receivedKey(feed),
      minuteIndexKey(feed),
      hourIndexKey(feed),
      hourKey(feed, hour),
      ...ofHour.map((minute) => minuteKey(feed, minute)),
    ],
    [HOURS_KEPT_MS / 1_000, hour, foldedBefore - HOURS_KEPT_MS, foldedBefore, ...ofHour],
  )
  return Number(reply)
}
