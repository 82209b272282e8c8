import type { Redis } from 'ioredis'
import type { Clock } from '../clock.ts'
import { replayBudgetKey } from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'

/** What a shard takes: 1,000 records and 1 MiB in a second. */
export const RECORDS_PER_SHARD_MS = 1
const BYTES_PER_SHARD_MS = 1_048.576
/** Of the capacity of the stream, unless a producer is told otherwise. */
export const DEFAULT_REPLAY_SHARE = 0.3
/** Redis is asked when so much has been put, in milliseconds of one shard. */
const SPENT_AT_ONCE_MS = 100
const BURST_MS = 250

const spendScript = loadScript(new URL('./scripts/spend-budget.lua', import.meta.url))

/** All replays together may take a share of what the stream takes, so that they make no live record late. */
export type ReplayBudget = {
  /** Tells what was put. */
  spend(records: number, bytes: number): void
  /** Resolves when what was put has been earned, or `signal` aborts. */
  pass(signal: AbortSignal): Promise<void>
}

/** The part of one run in the budget of all. */
export function createReplayBudget(options: {
  redis: Redis
  /** Of the capacity of the stream: 0.3 is 30%. */
  share: number
  /** Undefined until they are known: then one is reckoned with. */
  openShards: () => number | undefined
  /** Replays have to wait so long. */
  onWait: (ms: number) => void
  clock: Clock
}): ReplayBudget {
  const { redis, share, openShards, onWait, clock } = options
  let spentMs = 0
  return {
    spend(records, bytes) {
      spentMs += Math.max(records / RECORDS_PER_SHARD_MS, bytes / BYTES_PER_SHARD_MS)
    },
    async pass(signal) {
      if (spentMs < SPENT_AT_ONCE_MS) return
      const cost = spentMs
      spentMs = 0
      const earned = share * (openShards() ?? 1)
      const waitMs = Number(await spendScript.run(redis, [replayBudgetKey()], [cost, earned, BURST_MS]))
      if (waitMs <= 0) return
      onWait(waitMs)
      await clock.sleep(waitMs, signal)
    },
  }
}
