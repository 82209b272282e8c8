import { type Clock, systemClock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import type { Memory } from './memory.ts'
import type { Observation } from './observation.ts'
import { createOutboxPublisher } from './outbox-publisher.ts'
import type { Topic } from './sns-topic.ts'
import type { WantedNumbers } from './wanted/wanted-numbers.ts'
import { watch } from './watch.ts'
import type { Watch, WatchStore } from './watch-store.ts'

const INTERVAL_MS = 1_000
/** After so long another api takes the watch over. */
const WATCH_TTL_MS = 4_000
/** A call to SNS may end and be recorded. With Redis away at the stop, the watch runs out by itself. */
const LEAVE_DEADLINE_MS = 1_500

export type Watchdog = {
  /** Undefined while another api has it. */
  current(): Watch | undefined
  stop(): Promise<void>
}

export type WatchdogOptions = {
  store: WatchStore
  observe: () => Promise<Observation>
  wanted: WantedNumbers
  /** Undefined: nobody is told. */
  topic: Topic | undefined
  runbookUrl: string
  rawLayerMaxAgeMs: number
  /** After each pass that is complete, with all that it decided written down. */
  onPass(): void
  clock?: Clock
  log: Log
  metrics: Metrics
}

/**
 * Looks at the fleet once a second while this api has the watch. Each pass goes on from what the last one wrote, whoever
 * made it; one that cannot be written down never happened.
 */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const { store, topic, runbookUrl, log } = options
  const clock = options.clock ?? systemClock
  const stopping = new AbortController()
  const passes = options.metrics.counter('watchdog_passes_total')
  const active = options.metrics.gauge('watchdog_active')
  let current: Watch | undefined
  let memory: Memory | undefined
  let isFailing = false

  const publisher =
    topic === undefined
      ? undefined
      : createOutboxPublisher({ ...options, clock, topic, runbookUrl, watch: () => current })

  function change(next: Watch | undefined): void {
    if (next?.epoch === current?.epoch) return
    current = next
    memory = undefined
    active.set(next === undefined ? 0 : 1)
    if (next !== undefined) log.info({ epoch: next.epoch }, 'on watch')
    else log.info('another api is on watch')
  }

  async function pass(): Promise<void> {
    const taken = await store.take(WATCH_TTL_MS)
    change(taken.watch)
    if (taken.watch === undefined) return
    memory ??= await store.readMemory()
    const observation = await options.observe()
    const result = watch(observation, memory, options.wanted.latest(), taken.now, options)
    if (!(await store.commit(taken.watch, result, topic !== undefined))) return change(undefined)
    memory = result.memory
    for (const { incident, event, isSuppressed } of result.announcements) {
      log.warn({ incident: incident.id, event, isSuppressed, summary: incident.summary }, 'incident')
    }
    if (result.announcements.length > 0) publisher?.wake()
    passes.inc({ result: 'completed' })
    options.onPass()
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = clock.monotonic()
      try {
        await pass()
        isFailing = false
      } catch (error) {
        // What was written is not known: the next pass begins with what is there.
        memory = undefined
        passes.inc({ result: 'failed' })
        if (!isFailing && !stopping.signal.aborted)
          log.error({ error: describeError(error) }, 'watchdog pass failed')
        isFailing = true
      }
      await clock.sleep(Math.max(INTERVAL_MS - (clock.monotonic() - startedAt), 0), stopping.signal)
    }
  }

  const running = Promise.all([run(), publisher?.run(stopping.signal)])
  return {
    current: () => current,
    async stop() {
      stopping.abort()
      const leaving = running.then(() => (current === undefined ? undefined : store.leave(current)))
      await Promise.race([
        leaving.catch((error: unknown) => log.warn({ error: describeError(error) }, 'watch not given up')),
        clock.sleep(LEAVE_DEADLINE_MS),
      ])
    },
  }
}
