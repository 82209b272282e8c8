import type { Redis } from 'ioredis'
import { readShardTable } from '../../lib/kinesis/shard-table.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { SHOWN_STATES } from '../fleet/fleet.ts'
import { WORKER_KINDS } from '../watchdog/observation.ts'
import { openShards, unownedShards } from '../watchdog/unowned-shards.ts'
import type { WantedNumbers } from '../watchdog/wanted/wanted-numbers.ts'
import type { WatchStore } from '../watchdog/watch-store.ts'
import type { Facts } from './facts.ts'
import { readMemory } from './redis-memory.ts'

/** Who lives, who owns what, what is open, what is not told yet, and how full Redis is. */
export function fleetFacts(
  metrics: Metrics,
  parts: {
    redis: Redis
    /** The consumers' name of their leases. */
    application: string
    store: Pick<WatchStore, 'untoldSince'>
    wanted: WantedNumbers
  },
): Facts {
  const { redis, application, store, wanted } = parts
  const workers = metrics.gauge('fleet_workers')
  const workersWanted = metrics.gauge('fleet_workers_wanted')
  const shards = metrics.gauge('fleet_shards')
  const unowned = metrics.gauge('fleet_shards_unowned')
  const lag = metrics.gauge('fleet_lag_seconds')
  const incidents = metrics.gauge('incidents_open')
  const outboxAge = metrics.gauge('alert_outbox_age_seconds')
  const used = metrics.gauge('redis_memory_used_bytes')
  const max = metrics.gauge('redis_memory_max_bytes')
  const ratio = metrics.gauge('redis_memory_used_ratio')
  const gauges = [workers, workersWanted, shards, unowned, lag, incidents, outboxAge, used, max, ratio]

  return {
    clear() {
      for (const gauge of gauges) gauge.clear()
    },

    async measure({ at, fleet, incidents: { open } }) {
      const [table, memory, untoldSince] = await Promise.all([
        readShardTable(redis, application),
        readMemory(redis),
        store.untoldSince(),
      ])
      return () => {
        for (const kind of WORKER_KINDS) {
          const ofKind = fleet.workers.filter((worker) => worker.kind === kind)
          for (const state of SHOWN_STATES) {
            workers.set({ kind, state }, ofKind.filter((worker) => worker.state === state).length)
          }
          const number = wanted.latest()[kind]
          if (number !== undefined) workersWanted.set({ kind }, number)
        }
        shards.set(openShards(table).length)
        unowned.set(unownedShards(table).length)
        lag.set(Math.max(0, ...table.map(({ msBehindLatest = 0 }) => msBehindLatest)) / 1_000)
        for (const severity of ['critical', 'warning'] as const) {
          incidents.set({ severity }, open.filter((incident) => incident.severity === severity).length)
        }
        outboxAge.set(untoldSince === undefined ? 0 : Math.max(0, at - untoldSince) / 1_000)
        used.set(memory.usedBytes)
        if (memory.maxBytes > 0) {
          max.set(memory.maxBytes)
          ratio.set(memory.usedBytes / memory.maxBytes)
        }
      }
    },
  }
}
