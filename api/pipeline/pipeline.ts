import { type Static, Type } from 'typebox'
import { FEED_STATES, type FeedState } from '../../lib/feeds/feed.ts'
import { LAWS } from '../../lib/process/metrics/labels.ts'
import { IsoTime, nullable } from '../field-types.ts'
import type { Law } from './conservation.ts'

const Count = Type.Integer()

export const FeedPipeline = Type.Object({
  feed: Type.String(),
  alias: nullable(Type.String(), '"live" for the newest live feed'),
  state: Type.Unsafe<FeedState | null>({
    type: ['string', 'null'],
    enum: [...FEED_STATES, null],
    description: 'null for what no feed of ours sent, such as the feed "unknown"',
  }),
  settled: Type.Boolean({ description: 'over, and every law holds exactly: nothing was lost' }),
  read: Count,
  refused: Count,
  filtered: Count,
  emitted: Count,
  recovered: Count,
  in: Count,
  resent: Count,
  rejected: Count,
  valid: Count,
  repeated: Count,
  unique: Count,
  onTime: Count,
  late: Count,
  received: Type.Object({ accident: Count, accidentLate: Count, rejected: Count }),
  windowed: Count,
  watermark: nullable(IsoTime),
  emittedPerSecond: Type.Number({ description: 'over the last ten seconds' }),
  receivedPerSecond: Type.Number({ description: 'over the last ten seconds' }),
  differences: Type.Object(Object.fromEntries(LAWS.map((law) => [law, Count])) as Record<Law, typeof Count>, {
    description:
      'by law, what a place has less what it should have; rows that are still on their way are no difference',
  }),
  brokenSince: nullable(IsoTime, 'since when a difference is not zero'),
})
export type FeedPipeline = Static<typeof FeedPipeline>

export const Pipeline = Type.Object({
  asOf: IsoTime,
  rebuiltSince: nullable(
    IsoTime,
    'since when what is received is counted anew from what the stream still holds, because Redis had lost it; of feeds that began before, the rest is gone',
  ),
  feeds: Type.Array(FeedPipeline, { description: 'newest first' }),
})
export type Pipeline = Static<typeof Pipeline>
