import { type Static, Type } from 'typebox'
import type { ShardRow } from '../../lib/kinesis/shard-table.ts'
import type { ReceivedHeartbeat } from '../../lib/process/heartbeat.ts'
import { IsoTime, nullable, toIsoTime } from '../field-types.ts'

/** Five heartbeats missed. */
const SILENT_AFTER_MS = 5_000

export const SHOWN_STATES = ['starting', 'running', 'draining', 'stopped', 'silent'] as const

export const FleetWorker = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  state: Type.Enum([...SHOWN_STATES], {
    description: 'silent: no heartbeat for five seconds, and no goodbye',
  }),
  since: IsoTime,
  lastSeen: IsoTime,
  version: Type.String(),
  host: Type.String(),
  pid: Type.Integer(),
  holds: Type.Array(Type.String(), { description: 'shards, ranges of a feed' }),
  progress: Type.Record(Type.String(), Type.Number(), { description: 'counters that only rise' }),
  lagMs: nullable(Type.Number()),
  eventLoopUtilization: Type.Number({ description: 'share of the last second, 0 to 1' }),
  rssMb: Type.Number(),
  lastError: Type.Unsafe<{ at: string; message: string } | null>({
    type: ['object', 'null'],
    properties: { at: IsoTime, message: { type: 'string' } },
    required: ['at', 'message'],
  }),
})
export type FleetWorker = Static<typeof FleetWorker>

export const FleetShard = Type.Object({
  stream: Type.String(),
  shard: Type.String(),
  owner: nullable(Type.String(), 'null while nobody owns it'),
  epoch: Type.Integer({ description: 'rises with each change of owner; 0 before the first one' }),
  checkpoint: Type.String({
    description: 'sequence number, TRIM_HORIZON, LATEST, AT_TIMESTAMP:<epoch ms> or SHARD_END',
  }),
  checkpointAgeMs: nullable(Type.Integer()),
  msBehindLatest: nullable(Type.Integer()),
})
export type FleetShard = Static<typeof FleetShard>

export const Fleet = Type.Object({
  asOf: IsoTime,
  workers: Type.Array(FleetWorker, { description: 'everybody heard of in the last hour, by kind and id' }),
  shards: Type.Array(FleetShard, { description: 'of stream 2, as the consumers share them' }),
})
export type Fleet = Static<typeof Fleet>

export function describeFleet(
  heartbeats: readonly ReceivedHeartbeat[],
  shards: readonly ShardRow[],
  now: number,
): Fleet {
  return {
    asOf: toIsoTime(now),
    workers: heartbeats
      .map((heartbeat) => describeWorker(heartbeat, now))
      .sort((a, b) => a.kind.localeCompare(b.kind) || a.id.localeCompare(b.id)),
    shards: shards.map((shard) => describeShard(shard, now)),
  }
}

function describeWorker(heartbeat: ReceivedHeartbeat, now: number): FleetWorker {
  const isSilent = heartbeat.state !== 'stopped' && heartbeat.ageMs > SILENT_AFTER_MS
  return {
    id: heartbeat.id,
    kind: heartbeat.kind,
    state: isSilent ? 'silent' : heartbeat.state,
    since: toIsoTime(heartbeat.since),
    lastSeen: toIsoTime(now - heartbeat.ageMs),
    version: heartbeat.version,
    host: heartbeat.host,
    pid: heartbeat.pid,
    holds: heartbeat.holds,
    progress: heartbeat.progress,
    lagMs: heartbeat.lagMs ?? null,
    eventLoopUtilization: heartbeat.eventLoopUtilization,
    rssMb: heartbeat.rssMb,
    lastError:
      heartbeat.lastError === undefined
        ? null
        : { at: toIsoTime(heartbeat.lastError.at), message: heartbeat.lastError.message },
  }
}

function describeShard(row: ShardRow, now: number): FleetShard {
  return {
    stream: row.stream,
    shard: row.shardId,
    owner: row.owner ?? null,
    epoch: row.epoch,
    checkpoint: row.checkpoint,
    checkpointAgeMs: row.checkpointAt === undefined ? null : Math.max(now - row.checkpointAt, 0),
    msBehindLatest: row.msBehindLatest === undefined ? null : Math.round(row.msBehindLatest),
  }
}
