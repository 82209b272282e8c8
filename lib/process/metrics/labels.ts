import type { LabelBound } from './definition.ts'

/** Live feeds, or everything else: replays, what is recovered, and what no feed of ours sent. */
export const FEED_KIND = ['live', 'replay'] as const
/** The conservation laws of a feed, by the place that owes. */
export const LAWS = [
  'producer',
  'streamOne',
  'validation',
  'deduplication',
  'lateness',
  'accident',
  'accidentLate',
  'rejected',
  'windows',
] as const
export const SEVERITY = ['1', '2', '3', '4'] as const
/** For a stream of four shards; with more of them there are as many more series. */
export const SHARD = { atMost: 4, what: 'shards that the process holds' } as const satisfies LabelBound
export const STATE = {
  atMost: 49,
  what: 'states of the contiguous US, with DC',
} as const satisfies LabelBound
