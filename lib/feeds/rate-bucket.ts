import type { Redis } from 'ioredis'
import { rateBucketKey } from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'

/** Of a time in which no runner asked, so much is made up for at once; what is beyond it is given up. */
const BURST_MS = 2_000

const takeScript = loadScript(new URL('./scripts/take-rows.lua', import.meta.url))

/** What all runners of a feed share, so that its ranges together keep its rate, however many of them are worked on. */
export type RateBucket = {
  /** Takes rows that are due, at most `atMost`. `msUntilNext` is negative when more of them have been due for so long. */
  take(rowsPerSecond: number, atMost: number): Promise<{ rows: number; msUntilNext: number }>
}

export function createRateBucket({ redis, feed }: { redis: Redis; feed: string }): RateBucket {
  return {
    async take(rowsPerSecond, atMost) {
      const key = rateBucketKey(feed, rowsPerSecond)
      const reply = await takeScript.run(redis, [key], [rowsPerSecond, atMost, BURST_MS])
      const [rows, msUntilNext] = reply as [number, string]
      return { rows, msUntilNext: Number(msUntilNext) }
    },
  }
}
