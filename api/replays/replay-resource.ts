import { type Static, Type } from 'typebox'
import {
  FEED_STATES,
  type Feed,
  type FeedKind,
  type FeedState,
  isOver,
  type Pace,
  type Source,
} from '../../lib/feeds/feed.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { Filter } from '../../lib/feeds/filter.ts'
import { IsoTime, nullable, toIsoTime, toIsoTimeOrNull } from '../field-types.ts'

export const REPLAY_KINDS: readonly FeedKind[] = ['replay', 'recovery']

/** The rate is taken over so long. */
const RATE_MS = 10_000

const Count = Type.Integer()

export const Replay = Type.Object({
  id: Type.String(),
  feed: Type.String({ description: 'its name in /pipeline and /insights' }),
  kind: Type.Union([Type.Literal('replay'), Type.Literal('recovery')], {
    description: 'recovery: dead letters that are fed in again',
  }),
  name: nullable(Type.String()),
  state: Type.Unsafe<FeedState>({ type: 'string', enum: [...FEED_STATES] }),
  ending: nullable(
    Type.String(),
    'the state in which it is about to end, while its producers settle what they sent',
  ),
  message: nullable(Type.String(), 'why it failed'),
  source: Type.Unsafe<Source>({ type: 'object', additionalProperties: true }),
  filter: Type.Unsafe<Filter | null>({ type: ['object', 'null'], additionalProperties: true }),
  pace: Type.Unsafe<Pace>({ type: 'object', additionalProperties: true }),
  createdAt: IsoTime,
  startedAt: nullable(IsoTime),
  finishedAt: nullable(IsoTime),
  progress: Type.Object({
    read: Count,
    emitted: Count,
    refused: Count,
    filtered: Count,
    share: Type.Number({ minimum: 0, maximum: 1, description: 'of the source, by its bytes' }),
    rowsPerSecond: nullable(Type.Number(), 'emitted over the last ten seconds; null unless it runs'),
    estimatedEndAt: nullable(IsoTime),
    preparing: nullable(
      Type.Number(),
      'how far the source is sorted by time, 0 to 1, before the pace `speed` can begin',
    ),
    ranges: Type.Integer({ description: 'parts of the source that producers work on, so far' }),
  }),
})
export type Replay = Static<typeof Replay>

/** A replay as the api shows it, from its record. */
export async function describeReplay(
  feeds: Pick<FeedStore, 'progress' | 'emittedAsOf'>,
  feed: Feed,
  now: number,
): Promise<Replay> {
  const [{ counts, bytesRead, ranges, preparing }, before] = await Promise.all([
    feeds.progress(feed.name),
    feeds.emittedAsOf(feed.name, now - RATE_MS),
  ])
  const { read, emitted, refused, filtered } = counts
  const share = shareOf(feed, bytesRead)
  const runsForMs = Math.min(RATE_MS, now - (feed.startedAt ?? now))
  const isRunning = feed.state === 'running' && runsForMs > 0
  const perSecond = ((emitted - before) * 1_000) / runsForMs
  return {
    id: feed.name.slice(feed.kind.length + 1),
    feed: feed.name,
    kind: feed.kind === 'recovery' ? 'recovery' : 'replay',
    name: feed.label ?? null,
    state: feed.state,
    ending: feed.ending ?? null,
    message: feed.message ?? null,
    source: feed.source,
    filter: feed.filter ?? null,
    pace: feed.pace,
    createdAt: toIsoTime(feed.createdAt),
    startedAt: toIsoTimeOrNull(feed.startedAt),
    finishedAt: toIsoTimeOrNull(feed.finishedAt),
    progress: {
      read,
      emitted,
      refused,
      filtered,
      share,
      rowsPerSecond: isRunning ? Math.round(perSecond * 10) / 10 : null,
      estimatedEndAt: isRunning ? endOf({ now, share, emitted, perSecond }) : null,
      preparing: preparing ?? null,
      ranges,
    },
  }
}

function shareOf(feed: Feed, bytesRead: number): number {
  if (feed.state === 'finished') return 1
  const { bytes } = feed.source
  return bytes === 0 ? 0 : Math.min(1, Math.round((bytesRead / bytes) * 10_000) / 10_000)
}

/** When the rest of the source has been sent, if it is like what was read so far and the rate stays. */
function endOf(reading: { now: number; share: number; emitted: number; perSecond: number }): string | null {
  const { now, share, emitted, perSecond } = reading
  if (share === 0 || perSecond <= 0) return null
  const left = (emitted / share) * (1 - share)
  const at = now + (left / perSecond) * 1_000
  // Beyond what a date can say.
  return at > 8.64e15 ? null : toIsoTime(Math.round(at))
}

/** Whether people who watch want to see it: it goes on, or ended a short time ago. */
export function isOfInterest(feed: Feed, now: number, keptMs: number): boolean {
  return !isOver(feed.state) || (feed.finishedAt ?? 0) > now - keptMs
}
