import { Value } from 'typebox/value'
import {
  type Feed,
  type FeedCounts,
  FeedPlan,
  type FeedState,
  kindOf,
  type Pace,
  type Source,
} from './feed.ts'
import type { Filter } from './filter.ts'

/** The plan without its pace. The same one has the same text, in whatever order its properties were given: scripts compare texts. */
export function encodePlan({ source, filter, repeat, rows, lateness, label }: FeedPlan): string {
  return JSON.stringify({
    source: orderSource(source),
    filter: filter && orderFilter(filter),
    repeat,
    rows,
    lateness: lateness && { share: lateness.share, maxSeconds: lateness.maxSeconds, seed: lateness.seed },
    label,
  })
}

export function encodePace(pace: Pace): string {
  if (pace.kind === 'rate') return JSON.stringify({ kind: 'rate', rowsPerSecond: pace.rowsPerSecond })
  if (pace.kind === 'speed') return JSON.stringify({ kind: 'speed', factor: pace.factor })
  return JSON.stringify({ kind: 'max' })
}

function orderSource(source: Source): Source {
  if (source.kind !== 'csv') return source
  const { kind, bucket, key, etag, bytes } = source
  return { kind, bucket, key, etag, bytes }
}

const orderFilter = ({ from, to, states, severities, ids, box }: Filter) => ({
  from,
  to,
  states,
  severities,
  ids,
  box: box && { north: box.north, south: box.south, east: box.east, west: box.west },
})

/** A feed from its hash; nothing when there is none. */
export function decodeFeed(name: string, hash: Record<string, string>): Feed | undefined {
  const { plan, pace, wanted } = hash
  const kind = kindOf(name)
  if (plan === undefined || pace === undefined || kind === undefined) return undefined
  const state = hash['state'] as FeedState
  return {
    ...Value.Parse(FeedPlan, { ...JSON.parse(plan), pace: JSON.parse(pace) }),
    name,
    kind,
    state,
    createdAt: Number(hash['createdAt']),
    ...(hash['startedAt'] === undefined ? {} : { startedAt: Number(hash['startedAt']) }),
    ...(hash['finishedAt'] === undefined ? {} : { finishedAt: Number(hash['finishedAt']) }),
    ...(hash['message'] === undefined ? {} : { message: hash['message'] }),
    ...(wanted === undefined || wanted === state ? {} : { ending: wanted as FeedState }),
  }
}

/** In the order in which the scripts give them. */
export function toCounts([
  read = 0,
  refused = 0,
  filtered = 0,
  emitted = 0,
  recovered = 0,
]: number[]): FeedCounts {
  return { read, refused, filtered, emitted, recovered }
}
