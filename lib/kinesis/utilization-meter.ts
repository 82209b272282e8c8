import { performance } from 'node:perf_hooks'

/** The share of time since its last call that the event loop was busy: with one thread it says more than the CPU's load. */
export function createUtilizationMeter(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
