import type { Clock } from '../../../lib/clock.ts'
import { describeError } from '../../../lib/errors.ts'
import type { Log } from '../../../lib/process/log.ts'
import type { Wanted, WorkerKind } from '../observation.ts'
import type { DesiredCounts } from './desired-counts.ts'
import type { WantedNumbers } from './wanted-numbers.ts'

const POLL_INTERVAL_MS = 15_000

/** The desired counts of ECS services. Asks until `signal` aborts; while ECS does not answer, the last ones stay. */
export function createEcsWanted(options: {
  /** Resolves what asks ECS, once. */
  connect: () => Promise<DesiredCounts>
  /** Names of services, by kind of worker. */
  services: Readonly<Partial<Record<WorkerKind, string>>>
  clock: Clock
  log: Log
  signal: AbortSignal
}): WantedNumbers {
  const { connect, services, clock, log, signal } = options
  let desiredCounts: DesiredCounts | undefined
  let known: Wanted = {}
  let isFailing = false

  async function ask(): Promise<void> {
    try {
      const names = Object.values(services)
      if (names.length === 0) return
      desiredCounts ??= await connect()
      const desired = await desiredCounts(names)
      const numbers = Object.entries(services).flatMap(([kind, name]) => {
        const count = desired.get(name)
        return count === undefined ? [] : [[kind, count] as const]
      })
      known = Object.fromEntries(numbers)
      isFailing = false
    } catch (error) {
      // Once for each outage.
      if (!isFailing) log.warn({ error: describeError(error) }, 'ecs services not described')
      isFailing = true
    }
  }

  async function poll(): Promise<void> {
    while (!signal.aborted) {
      await ask()
      await clock.sleep(POLL_INTERVAL_MS, signal)
    }
  }

  void poll()
  return { latest: () => known }
}
