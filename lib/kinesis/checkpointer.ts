import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Lease, LeaseStore } from './lease-store.ts'
import type { Checkpoint } from './position.ts'

/** So many records handled since the last checkpoint do not wait for the clock: they would be handled again. */
const FLUSH_AT_RECORDS = 5_000
/** Nor does so much time that handlers have spent: what took long is not to be done twice. */
const FLUSH_AT_HANDLING_MS = 200

/** What would be done again if it were not checkpointed. */
export type Work = { records: number; handlingMs: number }

/** `since`: when the oldest work that it covers was done, by the monotonic clock. */
type Mark = Lease & { sequenceNumber: string; since: number }

/** Writes how far each shard has been handled: by time, by work and when asked, all shards in one call. */
export type Checkpointer = {
  /** Everything up to there is done, by so much work since the last time. It is written with the next flush. */
  advance(lease: Lease, checkpoint: Checkpoint, work: Work): void
  /** Writes what is outstanding. Never rejects: what could not be written stays outstanding. */
  flush(): Promise<void>
  /** The shard has another owner, or has ended. */
  forget(shardId: string): void
  /** For how long the oldest work of a shard that is done has not been checkpointed; 0 when there is none. */
  ageMs(shardId: string): number
  /** Flushes every interval until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

export function createCheckpointer(options: {
  store: Pick<LeaseStore, 'checkpoint'>
  workerId: string
  intervalMs: number
  /** The store refused a checkpoint under this lease: its epoch is over. */
  onFenced(lease: Lease): void
  clock: Clock
  log: Log
  metrics: ConsumerMetrics
}): Checkpointer {
  const { store, clock, log } = options
  const written = options.metrics.counter('consumer_checkpoints_total')
  const duration = options.metrics
    .histogram('consumer_batch_duration_seconds')
    .labels({ phase: 'checkpoint' })
  const outstanding = new Map<string, Mark>()
  let atStake: Work = { records: 0, handlingMs: 0 }
  let lastFlush = Promise.resolve()

  async function write(): Promise<void> {
    const marks = [...outstanding.values()]
    if (marks.length === 0) return
    atStake = { records: 0, handlingMs: 0 }
    const startedAt = clock.monotonic()
    try {
      const results = await store.checkpoint(options.workerId, marks)
      for (const [i, mark] of marks.entries()) {
        const result = results[i] ?? 'fenced'
        written.inc({ result })
        const latest = outstanding.get(mark.shardId)
        if (latest === mark) outstanding.delete(mark.shardId)
        // It has advanced meanwhile.
        else if (latest !== undefined) latest.since = startedAt
        if (result === 'fenced') options.onFenced(mark)
      }
    } catch (error) {
      written.inc({ result: 'failed' }, marks.length)
      log.warn({ shards: marks.length, error: describeError(error) }, 'checkpoints not written')
    } finally {
      duration.observe((clock.monotonic() - startedAt) / 1_000)
    }
  }

  /** One at a time: a later checkpoint must not overtake an earlier one. */
  function flush(): Promise<void> {
    lastFlush = lastFlush.then(write)
    return lastFlush
  }

  return {
    advance({ shardId, epoch }, sequenceNumber, { records, handlingMs }) {
      const since = outstanding.get(shardId)?.since ?? clock.monotonic()
      outstanding.set(shardId, { shardId, epoch, sequenceNumber, since })
      atStake.records += records
      atStake.handlingMs += handlingMs
      if (atStake.records < FLUSH_AT_RECORDS && atStake.handlingMs < FLUSH_AT_HANDLING_MS) return
      atStake = { records: 0, handlingMs: 0 }
      void flush()
    },
    flush,
    forget(shardId) {
      outstanding.delete(shardId)
    },
    ageMs(shardId) {
      const mark = outstanding.get(shardId)
      return mark === undefined ? 0 : clock.monotonic() - mark.since
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(options.intervalMs, signal)
        await flush()
      }
    },
  }
}
