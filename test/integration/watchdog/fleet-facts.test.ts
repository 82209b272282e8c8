import { Redis } from 'ioredis'
import t from 'tap'
import { describeFleet } from '../../../api/fleet/fleet.ts'
import { fleetFacts } from '../../../api/watch-metrics/fleet-facts.ts'
import { createWatchStore } from '../../../api/watchdog/watch-store.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import type { ReceivedHeartbeat } from '../../../lib/process/heartbeat.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { outboxKey } from '../../../lib/redis/keys.ts'
import { fakeSnapshot } from '../../support/fake-app.ts'
import { startRedis } from '../../support/servers.ts'

t.test(
  'shards that wait for their parents, limits that do not exist, or workers not heard of are shown',
  async (t) => {
    const { url } = await startRedis(t)
    const redis = new Redis(url)
    t.teardown(() => redis.disconnect())
    const leases = createLeaseStore({ redis, application: 'app' })
    await leases.bindStream('processed')
    await leases.create([
      { shardId: 'parent', parents: [], checkpoint: 'TRIM_HORIZON' },
      { shardId: 'child', parents: ['parent'], checkpoint: 'TRIM_HORIZON' },
      { shardId: 'other', parents: [], checkpoint: 'TRIM_HORIZON' },
    ])
    const metrics = createMetrics('api', '0')
    const facts = fleetFacts(metrics, {
      redis,
      application: 'app',
      store: createWatchStore(redis, 'api-1'),
      wanted: { latest: () => ({ consumer: 2 }) },
    })
    const snapshot = fakeSnapshot()
    const beat = (id: string, ageMs: number): ReceivedHeartbeat => ({
      ageMs,
      id,
      kind: 'consumer',
      state: 'running',
      since: 0,
      at: 0,
      version: '0',
      host: 'host',
      pid: 1,
      holds: [],
      progress: {},
      eventLoopUtilization: 0,
      rssMb: 1,
    })
    const fleet = describeFleet([beat('c-1', 0), beat('c-2', 60_000)], [], snapshot.at)
    const render = async () => {
      const show = await facts.measure({ ...snapshot, fleet })
      facts.clear()
      show()
      return metrics.render()
    }

    const before = await render()
    t.match(before, '\nfleet_shards 3\n')
    t.match(before, '\nfleet_shards_unowned 2\n', 'the child cannot be read yet')
    t.match(before, 'fleet_workers{kind="consumer",state="running"} 1\n')
    t.match(before, 'fleet_workers{kind="consumer",state="silent"} 1\n')
    t.match(before, 'fleet_workers_wanted{kind="consumer"} 2\n')
    t.notMatch(before, 'fleet_workers_wanted{kind="api"}', 'what is not known is not zero')
    t.match(before, /\nredis_memory_used_bytes [1-9]\d+\n/)
    t.notMatch(before, '\nredis_memory_max_bytes', 'there is no limit')
    t.match(before, '\nalert_outbox_age_seconds 0\n')

    const { acquired } = await leases.acquire('c-1', [], 5_000)
    const loads = acquired.map((lease) => ({ ...lease, lagMs: 2_500, bytesPerSecond: undefined }))
    await leases.renew('c-1', loads, { ttlMs: 5_000, isLeaving: false, utilization: 0 })
    await redis.config('SET', 'maxmemory', '104857600')
    await redis.zadd(outboxKey(), snapshot.at - 30_000, 'down.consumer.1.opened')
    const after = await render()
    t.match(after, '\nfleet_shards_unowned 0\n')
    t.match(after, '\nfleet_lag_seconds 2.5\n')
    t.match(after, '\nredis_memory_max_bytes 104857600\n')
    t.match(after, /\nredis_memory_used_ratio 0\.\d+\n/)
    t.match(after, '\nalert_outbox_age_seconds 30\n')
  },
)
