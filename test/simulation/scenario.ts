import type { Random } from './random.ts'
import type { ServiceManners } from './simulated-kinesis.ts'

export const FAULTS = [
  'pause',
  'kill',
  'stop',
  'join',
  'split',
  'merge',
  'store unreachable',
  'store fails over',
  'store emptied',
  'store lossy',
  'kinesis unreachable',
  'kinesis lossy',
  'handlers slow',
  'handlers hang',
  'handlers fail',
  'dependency down',
  'dead letters down',
] as const
export type Fault = (typeof FAULTS)[number]

/** What one run is like. */
export type Scenario = {
  leaseTtlMs: number
  heartbeatMs: number
  pollIntervalMs: number
  /** Reads by enhanced fan-out as long as it can. */
  fansOut: boolean
  lanesPerShard: number
  readAheadBytes: number
  maxBatchRecords: number
  workers: number
  shards: number
  partitionKeys: string[]
  recordsPerSecond: number
  /** Of all puts. */
  aggregates: number
  poison: number
  manners: ServiceManners
  /** How long there are records and faults. */
  chaosMs: number
  /** The mean between two faults. */
  faultEveryMs: number
  /** The kinds that occur: few at a time, so that each is also seen without most of the others. */
  faults: Fault[]
}

export function drawScenario(random: Random): Scenario {
  const heartbeatMs = random.pick([500, 1_000])
  return {
    heartbeatMs,
    leaseTtlMs: heartbeatMs * random.pick([3, 5]),
    pollIntervalMs: random.pick([250, 500, 1_000]),
    fansOut: random.chance(0.3),
    lanesPerShard: random.pick([1, 1, 4]),
    readAheadBytes: random.pick([500, 5_000, 1_000_000]),
    maxBatchRecords: random.pick([3, 1_000]),
    workers: random.int(1, 4),
    shards: random.int(1, 4),
    partitionKeys: Array.from({ length: random.int(2, 12) }, (_key, i) => `key-${i}`),
    recordsPerSecond: random.int(2, 20),
    aggregates: random.pick([0, 0.3]),
    poison: random.pick([0, 0, 0.02]),
    manners: {
      maxPage: random.pick([3, 20, 1_000]),
      throttled: random.pick([0, 0, 0.1]),
      expired: random.pick([0, 0, 0.05]),
      empty: random.pick([0, 0.2]),
      namesChildren: random.chance(0.7),
      listLagMs: random.pick([0, 0, 3_000]),
    },
    chaosMs: random.int(8_000, 30_000),
    faultEveryMs: random.int(800, 6_000),
    faults: FAULTS.filter(() => random.chance(0.4)),
  }
}
