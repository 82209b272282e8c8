import type { FeedState, Pace } from '../../lib/feeds/feed.ts'
import type { ShardRow } from '../../lib/kinesis/shard-table.ts'
import type { Heartbeat } from '../../lib/process/heartbeat.ts'
import type { Service } from './incident.ts'

export const WORKER_KINDS = ['producer', 'consumer', 'api', 'firehose'] as const satisfies readonly Service[]
export type WorkerKind = (typeof WORKER_KINDS)[number]

export const DEPENDENCIES = ['kinesis', 's3', 'sns'] as const satisfies readonly Service[]
export type Dependency = (typeof DEPENDENCIES)[number]

/** How many workers of each kind there are to be. A kind that is absent is not known. */
export type Wanted = Readonly<Partial<Record<WorkerKind, number>>>

export type ObservedFeed = {
  name: string
  isLive: boolean
  /** Undefined for what no feed of ours sent. */
  state: FeedState | undefined
  message?: string
  pace?: Pace
  /** Epoch ms by Redis's clock. */
  finishedAt?: number
  read: number
  emitted: number
  /** What Flink has counted of it, without what was sent twice. */
  counted: number
  watermark: string | null
  brokenSince: string | null
  /** The laws that do not hold, for people. */
  differences: string
}

/** Everything that one pass of the watchdog looks at. What could not be read is undefined: it is not judged. */
export type Observation = {
  heartbeats: readonly Pick<
    Heartbeat,
    'id' | 'kind' | 'state' | 'since' | 'at' | 'pid' | 'holds' | 'progress' | 'lagMs' | 'lastError'
  >[]
  shards: readonly Pick<ShardRow, 'shardId' | 'parents' | 'owner' | 'checkpoint' | 'msBehindLatest'>[]
  feeds: readonly ObservedFeed[] | undefined
  /** Key of the newest object of the raw layer; empty while there is none. */
  newestRawObject: string | undefined
  /** The error of each dependency that does not answer. */
  failingDependencies: Readonly<Partial<Record<Dependency, string>>>
}
