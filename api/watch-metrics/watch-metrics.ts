import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { readInTime } from '../deadline.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import type { Facts } from './facts.ts'

/** Whoever scrapes gives up after ten. */
const DEADLINE_MS = 2_000

/**
 * Shows facts of the whole fleet while this api is on watch: then every fact comes from one process, and sums over all of
 * them hold. What cannot be read in time is absent; an old value would look like a present one.
 */
export function showWhileOnWatch(
  facts: readonly Facts[],
  options: { metrics: Metrics; isOnWatch: () => boolean; snapshots: Pick<Snapshots, 'latest'> },
): void {
  const { metrics, isOnWatch, snapshots } = options
  for (const fact of facts) fact.clear()

  async function show(fact: Facts): Promise<void> {
    const snapshot = isOnWatch() ? snapshots.latest() : undefined
    if (snapshot === undefined) return fact.clear()
    try {
      const showMeasured = await readInTime(fact.measure(snapshot), DEADLINE_MS)
      fact.clear()
      showMeasured()
    } catch {
      // Readiness and the watchdog tell of it; a scrape of the other metrics goes on.
      fact.clear()
    }
  }

  metrics.onScrape(async () => {
    await Promise.all(facts.map(show))
  })
}
