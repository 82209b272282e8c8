import { performance } from 'node:perf_hooks'

/** After so long, half of what is told is of the time since. A burst must not look like a worker that is overloaded. */
const HALF_LIFE_MS = 10_000

/** The share of time that the event loop is busy of late: with one thread it says more than the CPU's load. */
export function createUtilizationMeter(): () => number {
  let last = performance.eventLoopUtilization()
  let average: number | undefined
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization, active, idle } = performance.eventLoopUtilization(now, last)
    last = now
    const kept = average === undefined ? 0 : 0.5 ** ((active + idle) / HALF_LIFE_MS)
    average = kept * (average ?? 0) + (1 - kept) * utilization
    return average
  }
}
