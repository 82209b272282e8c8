import { type Static, Type } from 'typebox'
import { DEFAULT_REPLAY_SHARE } from '../../lib/feeds/replay-budget.ts'
import { awsOptions, processOptions, redisOptions } from '../../lib/process/common-options.ts'

export const producerOptions = Type.Object({
  ...processOptions,
  ...redisOptions,
  ...awsOptions,
  RAW_STREAM: Type.String({ minLength: 1, description: 'Kinesis stream of the raw events' }),
  PROCESSED_STREAM: Type.String({
    minLength: 1,
    description: 'stream 2, where what the consumer could not handle is fed in again',
  }),
  DEAD_LETTER_BUCKET: Type.String({ minLength: 1, description: 'bucket for what cannot be emitted' }),
  SOURCE_BUCKET: Type.String({
    minLength: 1,
    description: 'bucket of the sources; copies that are sorted by time are kept in it',
  }),
  LIVE_SOURCE: Type.Optional(
    Type.String({
      pattern: '^s3://[^/]+/.+$',
      description: 'CSV of the live feed, s3://bucket/key; without it only feeds that exist are executed',
    }),
  ),
  LIVE_RATE: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('max')], {
    default: 50,
    description:
      'pace of the live feed: rows per second, or max; a producer that starts with another one changes it for the feed that runs',
  }),
  LIVE_FILTER: Type.Optional(
    Type.String({
      description:
        'accidents that the live feed takes, as JSON: {"from", "to", "states", "severities", "ids", "box": {"north", "south", "east", "west"}}',
    }),
  ),
  LIVE_REPEAT: Type.Boolean({
    default: false,
    description: 'whether the next live feed starts when one has come to its end',
  }),
  LIVE_ROWS: Type.Optional(
    Type.Integer({ minimum: 1, description: 'rows of the source after which the live feed ends' }),
  ),
  LIVE_LATENESS_SHARE: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 1,
    description: 'share of the events that are dated back on purpose',
  }),
  LIVE_LATENESS_MAX_SECONDS: Type.Number({
    default: 120,
    minimum: 0,
    description: 'by how much they are dated back at most',
  }),
  REPLAY_SHARE: Type.Number({
    default: DEFAULT_REPLAY_SHARE,
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'share of what the stream takes that all replays together may use',
  }),
  RANGE_BYTES: Type.Integer({
    default: 64 * 1_048_576,
    minimum: 65_536,
    description: 'a longer plain CSV at the pace max is divided, and several producers work on it',
  }),
  UNREADABLE_SHARE_LIMIT: Type.Number({
    default: 0.2,
    minimum: 0,
    maximum: 1,
    description: 'a feed fails when more of its first 1,000 rows than this share cannot be read',
  }),
  PUT_MAX_IN_FLIGHT_BYTES: Type.Integer({
    default: 8 * 1_048_576,
    minimum: 2 * 1_048_576,
    description: 'bytes read and not yet acknowledged by Kinesis, at most',
  }),
})
export type ProducerOptions = Static<typeof producerOptions>
