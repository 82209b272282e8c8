import { type Static, Type } from 'typebox'
import { Filter } from './filter.ts'

/** A CSV in S3. The etag pins its content: a source that is replaced while it is read fails its feed. */
export const CsvSource = Type.Object({
  kind: Type.Literal('csv'),
  bucket: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  etag: Type.String({ minLength: 1 }),
})
export type CsvSource = Static<typeof CsvSource>

export const Pace = Type.Union([
  Type.Object({ kind: Type.Literal('rate'), rowsPerSecond: Type.Number({ exclusiveMinimum: 0 }) }),
  Type.Object({ kind: Type.Literal('max') }),
])
export type Pace = Static<typeof Pace>

/** Dates a share of the events back by up to `maxSeconds`, as devices with bad connections would; the same ones in each run. */
export const Lateness = Type.Object({
  share: Type.Number({ minimum: 0, maximum: 1 }),
  maxSeconds: Type.Number({ minimum: 0 }),
  seed: Type.Integer(),
})
export type Lateness = Static<typeof Lateness>

/** What a feed was asked to do. Two live feeds with equal plans are the same feed, whatever their paces. */
export const FeedPlan = Type.Object({
  source: CsvSource,
  /** Absent: all of it. */
  filter: Type.Optional(Filter),
  pace: Pace,
  /** A live feed that comes to its end starts the next one. */
  repeat: Type.Boolean(),
  /** Stops after this many rows of the source. */
  rows: Type.Optional(Type.Integer({ minimum: 1 })),
  lateness: Type.Optional(Lateness),
})
export type FeedPlan = Static<typeof FeedPlan>

export const FEED_STATES = ['waiting', 'running', 'paused', 'finished', 'failed', 'ended'] as const
/**
 * `waiting` until a producer claims a range; `finished` at the end of its source; `failed` when the source cannot be
 * replayed (`message` says why); `ended` when another live feed took its place.
 */
export type FeedState = (typeof FEED_STATES)[number]

export type FeedKind = 'live' | 'replay'

export type Feed = FeedPlan & {
  /** `live-<n>`, n rising and never used again, or `replay-<id>`. */
  name: string
  kind: FeedKind
  state: FeedState
  /** Epoch ms, by the clock of Redis. */
  createdAt: number
  startedAt?: number
  finishedAt?: number
  message?: string
}

/** The producer's counts of a feed. In every committed advance: read + recovered = emitted + refused + filtered. */
export type FeedCounts = {
  read: number
  /** Rows that went to the dead letters. */
  refused: number
  /** Rows that the filter left out. */
  filtered: number
  /** Distinct rows that Kinesis acknowledged. */
  emitted: number
  /** Dead letters fed in again. */
  recovered: number
}

export const NO_COUNTS: FeedCounts = { read: 0, refused: 0, filtered: 0, emitted: 0, recovered: 0 }

export const isOver = (state: FeedState) => state === 'finished' || state === 'failed' || state === 'ended'
