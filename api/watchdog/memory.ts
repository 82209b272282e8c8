import type { IncidentRecord } from './incident.ts'
import type { WorkerKind } from './observation.ts'

/**
 * What the watchdog knows from one pass to the next. It is kept in Redis as JSON, for the replica that comes after this
 * one. All times but `at` are watch time: milliseconds that passed while somebody watched (see `watch`).
 */
export type Memory = {
  /** Epoch ms of the last pass, by the clock of Redis. */
  at: number
  time: number
  /** Until then nothing new is opened: everybody is coming back after Redis was away or nobody watched. */
  settlingUntil: number
  workers: Record<string, WorkerMemory>
  shards: Record<string, { checkpoint: string; changedAt: number }>
  feeds: Record<string, FeedMemory>
  rawLayer: { newest: string; emitted: number; waitingSince: number | null }
  /** Ends without a goodbye, by kind of worker, newest last. */
  deaths: Partial<Record<WorkerKind, number[]>>
  conditions: Record<string, ConditionMemory>
}

export type WorkerMemory = {
  kind: string
  state: string
  /** Tells one life of a worker from the next under the same id. */
  life: string
  /** What its last heartbeat was; another one is a sign of life, whatever the worker's clock says. */
  beat: string
  beatAt: number
  /** Nothing is known of a worker whose heartbeat has never changed: it may have ended before anybody watched. */
  isSeenAlive: boolean
  /** Since when it counts as gone without a goodbye. */
  goneAt: number | null
  progress: string
  progressAt: number
  error: string
  errorAt: number
  /** Since when errors follow each other closely. */
  errorSince: number | null
  errors: ErrorWindow
}

/** Records and failures of this minute so far and of the one before it. */
export type ErrorWindow = {
  since: number
  records: number
  failures: number
  before: { records: number; failures: number }
}

export type FeedMemory = {
  read: number
  readAt: number
  emitted: number
  /** `counted` and the watermark, and when they last changed. */
  flink: string
  flinkAt: number
  waitingSince: number | null
}

/** What is known of one kind of incident of one service. */
export type ConditionMemory = {
  since: number | null
  clearSince: number | null
  incident: IncidentRecord | null
  openedAt: number
  closedAt: number | null
  /** The last incident that is over. */
  closedId: string | null
  /** How often it came back shortly after it was over. */
  returns: number
}

export const NO_MEMORY: Memory = {
  at: 0,
  time: 0,
  settlingUntil: 0,
  workers: {},
  shards: {},
  feeds: {},
  rawLayer: { newest: '', emitted: 0, waitingSince: null },
  deaths: {},
  conditions: {},
}
