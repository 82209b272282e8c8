import { type Clock, systemClock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Snapshot } from './snapshot-reader.ts'

/** An older one is not given out as the present state. */
const FRESH_MS = 5_000

export type Snapshots = {
  /** The last snapshot, unless it is older than five seconds. */
  latest(): Snapshot | undefined
  /** Calls back for each new one, until the function that it returns is called. */
  subscribe(onSnapshot: (snapshot: Snapshot) => void): () => void
}

export type SnapshotLoop = Snapshots & { stop(): Promise<void> }

/**
 * Reads Redis once an interval, for everybody: the answers to `/fleet` and `/pipeline` and every client of `/events` come
 * from the same snapshot. While Redis is away nothing new comes, and whoever looks sees how old the last one is.
 */
export function startSnapshotLoop(options: {
  read(now: number): Promise<Snapshot>
  intervalMs: number
  log: Log
  onRead?: (durationMs: number) => void
  clock?: Clock
}): SnapshotLoop {
  const clock = options.clock ?? systemClock
  const stopping = new AbortController()
  const subscribers = new Set<(snapshot: Snapshot) => void>()
  let latest: Snapshot | undefined
  let isFailing = false

  async function readOnce(): Promise<void> {
    const startedAt = clock.monotonic()
    try {
      latest = await options.read(clock.now())
      options.onRead?.(clock.monotonic() - startedAt)
      for (const onSnapshot of subscribers) onSnapshot(latest)
      isFailing = false
    } catch (error) {
      // Once for each outage, not once a second.
      if (!isFailing) options.log.error({ error: describeError(error) }, 'snapshot not read')
      isFailing = true
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = clock.monotonic()
      await readOnce()
      await clock.sleep(Math.max(options.intervalMs - (clock.monotonic() - startedAt), 0), stopping.signal)
    }
  }

  const running = run()
  return {
    latest: () => (latest !== undefined && clock.now() - latest.at <= FRESH_MS ? latest : undefined),
    subscribe(onSnapshot) {
      subscribers.add(onSnapshot)
      return () => subscribers.delete(onSnapshot)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
