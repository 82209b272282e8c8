import { type Static, Type } from 'typebox'
import { Filter } from './filter.ts'

/** A CSV in S3. The etag pins its content: a source that is replaced while it is read fails its feed. */
export const CsvSource = Type.Object({
  kind: Type.Literal('csv'),
  bucket: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  etag: Type.String({ minLength: 1 }),
  /** Its size, as it is stored. */
  bytes: Type.Integer({ minimum: 0 }),
})
export type CsvSource = Static<typeof CsvSource>

const ObjectList = Type.Object({
  bucket: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  etag: Type.String({ minLength: 1 }),
})

/** What was on stream 1 once, as Firehose stored it. The objects are listed once, so that a replay does not follow itself. */
export const RawLayerSource = Type.Object({
  kind: Type.Literal('raw-layer'),
  bucket: Type.String({ minLength: 1 }),
  /** UTC hours of arrival, YYYY-MM-DDTHH; the last one belongs to it. */
  from: Type.String(),
  to: Type.String(),
  /** Without the rows of replays, or with them. */
  feeds: Type.Union([Type.Literal('live'), Type.Literal('all')]),
  list: ObjectList,
  /** Size of the listed objects, as they are stored. */
  bytes: Type.Integer({ minimum: 0 }),
})
export type RawLayerSource = Static<typeof RawLayerSource>

/** Dead letters that are fed in again, each under the feed and seq that it had. */
export const DeadLetterSource = Type.Object({
  kind: Type.Literal('dead-letters'),
  origin: Type.Union([Type.Literal('row'), Type.Literal('rejected'), Type.Literal('handler')]),
  /** A copy of them, with the fixes that were made. */
  list: ObjectList,
  letters: Type.Integer({ minimum: 1 }),
  bytes: Type.Integer({ minimum: 0 }),
})
export type DeadLetterSource = Static<typeof DeadLetterSource>

export const Source = Type.Union([CsvSource, RawLayerSource, DeadLetterSource])
export type Source = Static<typeof Source>

/** Where it is, for people. */
export function nameOfSource(source: Source): string {
  if (source.kind === 'csv') return `s3://${source.bucket}/${source.key}`
  if (source.kind === 'dead-letters') return `${source.letters} dead letters`
  return `s3://${source.bucket} of the hours ${source.from} to ${source.to}`
}

export const Pace = Type.Union([
  Type.Object(
    { kind: Type.Literal('rate'), rowsPerSecond: Type.Number({ exclusiveMinimum: 0 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('speed'),
      factor: Type.Number({
        exclusiveMinimum: 0,
        description: 'how much faster than they happened accidents come',
      }),
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('max') }, { additionalProperties: false }),
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
  source: Source,
  /** Absent: all of it. */
  filter: Type.Optional(Filter),
  pace: Pace,
  /** A live feed that comes to its end starts the next one. */
  repeat: Type.Boolean(),
  /** Stops after this many rows of the source. */
  rows: Type.Optional(Type.Integer({ minimum: 1 })),
  lateness: Type.Optional(Lateness),
  /** What people call it. */
  label: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
})
export type FeedPlan = Static<typeof FeedPlan>

export const FEED_STATES = [
  'waiting',
  'running',
  'paused',
  'finished',
  'failed',
  'ended',
  'cancelled',
] as const
/**
 * `waiting` until a producer claims a range; `finished` at the end of its source; `failed` when the source cannot be
 * replayed (`message` says why); `ended` when another live feed took its place; `cancelled` by somebody.
 */
export type FeedState = (typeof FEED_STATES)[number]

export const FEED_KINDS = ['live', 'replay', 'recovery'] as const
/** A recovery feeds dead letters in again: its rows go out under the feeds that they came from. */
export type FeedKind = (typeof FEED_KINDS)[number]

export const kindOf = (name: string): FeedKind | undefined =>
  FEED_KINDS.find((kind) => name.startsWith(`${kind}-`))

export type Feed = FeedPlan & {
  /** `live-<n>`, n rising and never used again, `replay-<id>` or `recovery-<id>`. */
  name: string
  kind: FeedKind
  state: FeedState
  /** Epoch ms, by the clock of Redis. */
  createdAt: number
  startedAt?: number
  finishedAt?: number
  message?: string
  /** How it is about to end: its producers still have to settle what they sent. */
  ending?: FeedState
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

type OverState = 'finished' | 'failed' | 'ended' | 'cancelled'
const OVER: ReadonlySet<FeedState> = new Set<OverState>(['finished', 'failed', 'ended', 'cancelled'])

export const isOver = (state: FeedState): state is OverState => OVER.has(state)
