import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { ShardRow } from '../../lib/kinesis/shard-table.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { unownedShards } from '../watchdog/unowned-shards.ts'
import { datum } from './datum.ts'

/** The services of which CloudWatch has workers that fail; Firehose is AWS's own there. */
export const FAILING_SERVICES = ['producer', 'consumer', 'api'] as const

/** What alarms look at: by service, for a worker's id would be another metric after each start. */
export function fleetValues(
  fleet: Pick<Fleet, 'workers'>,
  shards: readonly ShardRow[],
  options: { now: number; errorAgeMs: number },
): MetricDatum[] {
  const { now, errorAgeMs } = options
  const living = fleet.workers.filter(({ state }) => state === 'running' || state === 'draining')
  const isFailing = ({ lastError }: Fleet['workers'][number]) =>
    lastError !== null && now - Date.parse(lastError.at) < errorAgeMs
  const consumer = { Service: 'consumer' }
  const lagMs = Math.max(0, ...shards.map(({ msBehindLatest = 0 }) => msBehindLatest))
  const putAside = fleet.workers.reduce((sum, { progress }) => sum + (progress['putAside'] ?? 0), 0)
  return [
    datum('LagSeconds', consumer, lagMs / 1_000, now),
    datum('ShardsUnowned', consumer, unownedShards(shards).length, now),
    datum('DeadLetters', consumer, putAside, now),
    ...FAILING_SERVICES.map((service) => {
      const failing = living.filter((worker) => worker.kind === service && isFailing(worker))
      return datum('FailingWorkers', { Service: service }, failing.length, now)
    }),
  ]
}
