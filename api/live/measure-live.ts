import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import type { EventHub } from './event-hub.ts'
import type { Snapshots } from './snapshot-loop.ts'

/** Shows how many listen to `/events`, and how old is what they see. */
export function measureLive(options: {
  metrics: Metrics
  hub: Pick<EventHub, 'size'>
  maxClients: number
  snapshots: Pick<Snapshots, 'subscribe'>
  clock?: Clock
}): void {
  const { metrics, hub, snapshots, clock = systemClock } = options
  const clients = metrics.gauge('event_stream_clients')
  const age = metrics.gauge('snapshot_age_seconds')
  metrics.gauge('event_stream_clients_limit').set(options.maxClients)
  let readAt = clock.monotonic()
  snapshots.subscribe(() => {
    readAt = clock.monotonic()
  })
  metrics.onScrape(() => {
    clients.set(hub.size)
    age.set((clock.monotonic() - readAt) / 1_000)
  })
}
