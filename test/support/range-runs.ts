import type { Clock } from '../../lib/clock.ts'
import type { DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import type { FeedPlan } from '../../lib/feeds/feed.ts'
import type { RateBucket } from '../../lib/feeds/rate-bucket.ts'
import type { PutPort } from '../../lib/kinesis/put-batcher.ts'
import { type RunRangeOptions, runRange } from '../../workers/producer/run-range.ts'
import type { MemoryFeedStore } from './memory-feed-store.ts'
import { createMemoryS3 } from './memory-s3.ts'
import { generate } from './producers.ts'
import { createSimulatedClock } from './simulated-clock.ts'

/** What the runs send, unless they are given another source. */
export const FILE = { seed: 11, rows: 1_500, rate: 50 }
export const PLAN: FeedPlan = {
  source: { kind: 'csv', bucket: 'b', key: 'k', etag: '"1"', bytes: 1_000 },
  pace: { kind: 'max' },
  repeat: false,
}
export const csv = await generate(FILE)

/** A run on fakes: what is put lands in `stream`, what is refused in `letters`. */
export function runWith(
  store: MemoryFeedStore,
  options: Partial<RunRangeOptions> & { source?: Buffer | string } = {},
) {
  const stream: number[] = []
  const letters: DeadLetter[] = []
  const nothing = () => undefined
  const clock = createSimulatedClock()
  const put: PutPort = async (records) => {
    stream.push(...records.map(seqOf))
    return []
  }
  const full: RunRangeOptions = {
    store,
    s3: createMemoryS3(options.source ?? csv).s3,
    put,
    putProcessed: put,
    onRecovered: async () => undefined,
    isTransient: () => true,
    sourceBucket: 'source',
    rangeBytes: Number.MAX_SAFE_INTEGER,
    newReplayBudget: () => ({ spend: nothing, pass: async () => undefined }),
    rateBucketOf: () => bucketOn(clock),
    maxInFlightBytes: 8_388_608,
    deadLetters: { put: async (added) => void letters.push(...added) },
    unreadableShareLimit: 0.2,
    clock,
    onOpen: nothing,
    onPace: nothing,
    onDivided: async () => undefined,
    onCommit: nothing,
    onRun: () => nothing,
    onCall: nothing,
    onTrouble: nothing,
    onStored: nothing,
    ...options,
  }
  return {
    stream,
    letters,
    run: (signal = new AbortController().signal, range = 0) =>
      runRange(full, { feed: store.feed.name, range }, signal),
  }
}

/** A bucket in the time of a test; the real one is in Redis. */
export function bucketOn(clock: Clock): RateBucket {
  let upTo: number | undefined
  return {
    async take(rowsPerSecond, atMost) {
      const perRow = 1_000 / rowsPerSecond
      upTo ??= clock.now()
      const rows = Math.min(Math.floor((clock.now() - upTo) / perRow), atMost)
      upTo += rows * perRow
      return { rows, msUntilNext: upTo + perRow - clock.now() }
    },
  }
}

export const seqOf = ({ data }: { data: Uint8Array }) =>
  (JSON.parse(Buffer.from(data).toString()) as { seq: number }).seq
