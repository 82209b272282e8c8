import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import type { FeedMemory } from '../memory.ts'
import type { ObservedFeed } from '../observation.ts'
import { failsSince, plural, type WatchView } from '../watch-view.ts'
import type { Finding, Rule } from './rule.ts'

const { stalledMs, consumerWellMs } = THRESHOLDS
const SHARD_BEHIND_MS = 60_000
/** A slow feed may take its time: so many of its rows must be overdue. */
const OVERDUE_ROWS = 10

/** A stage stands still while its input grows. */
export const stalled: Rule = {
  kind: 'stalled',
  openAfterMs: 0,
  closeAfterMs: 10_000,
  find(view) {
    if (view.observation.feeds === undefined) return undefined
    return [findProducer(view), findFlink(view), findConsumer(view), findFirehose(view)].flatMap(
      (finding) => finding ?? [],
    )
  },
}

type SeenFeed = ObservedFeed & { known: FeedMemory }

function feedsOf({ observation, memory }: WatchView): SeenFeed[] {
  return (observation.feeds ?? []).flatMap((feed) => {
    const known = memory.feeds[feed.name]
    return known === undefined ? [] : [{ ...feed, known }]
  })
}

/** A running feed has rows to read and none is read. With a pace of event time there may be long gaps. */
function findProducer(view: WatchView): Finding | undefined {
  const producers = view.healthyOf('producer')
  if (producers.length === 0 || producers.some((worker) => failsSince(worker, view.time) !== undefined)) {
    return undefined
  }
  const still = feedsOf(view).filter(({ state, pace, known }) => {
    if (state !== 'running' || pace === undefined || pace.kind === 'speed') return false
    const overdueMs = pace.kind === 'rate' ? (OVERDUE_ROWS / pace.rowsPerSecond) * 1_000 : 0
    return view.time - known.readAt >= Math.max(stalledMs, overdueMs)
  })
  const [first] = still.toSorted((a, b) => a.known.readAt - b.known.readAt)
  if (first === undefined) return undefined
  return {
    service: 'producer',
    severity: 'critical',
    summary: `${plural(still.length, 'running feed')} ${still.length === 1 ? 'is' : 'are'} not being read: ${first.name} stands at row ${first.read} since ${view.at(first.known.readAt)}.`,
    workers: producers.map(({ id }) => id),
    details: { feeds: still.map(({ name }) => name).join(' '), read: first.read },
  }
}

/** What Flink has counted reaches us through the consumer, which therefore has to be well. */
function findFlink(view: WatchView): Finding | undefined {
  const { time, observation } = view
  const consumers = view.healthyOf('consumer')
  const isConsumerWell =
    consumers.length > 0 &&
    observation.shards.every(({ owner, checkpoint }) => owner !== undefined || checkpoint === 'SHARD_END') &&
    consumers.every(
      (worker) => failsSince(worker, time) === undefined && (worker.heartbeat?.lagMs ?? 0) < consumerWellMs,
    )
  const feeds = feedsOf(view)
  const waiting = feeds.filter(({ known }) => time - (known.waitingSince ?? time) >= stalledMs)
  const lastMoveAt = Math.max(...feeds.map(({ known }) => known.flinkAt))
  const [first] = waiting
  if (!isConsumerWell || first === undefined || time - lastMoveAt < stalledMs) return undefined
  const rows = waiting.reduce((sum, { emitted, counted }) => sum + emitted - counted, 0)
  return {
    service: 'flink',
    severity: 'critical',
    summary: `The Flink job has counted nothing since ${view.at(lastMoveAt)}, while ${plural(rows, 'row')} wait for it on stream 1.`,
    workers: [],
    details: { rowsWaiting: rows, feed: first.name },
  }
}

/** One shard among others stands still; when a worker does nothing at all, it is unresponsive. */
function findConsumer(view: WatchView): Finding | undefined {
  const { time, observation, memory } = view
  const still = observation.shards.filter(({ shardId, owner, msBehindLatest = 0 }) => {
    const changedAt = memory.shards[shardId]?.changedAt ?? time
    return owner !== undefined && msBehindLatest >= SHARD_BEHIND_MS && time - changedAt >= stalledMs
  })
  const [first] = still
  if (first === undefined || view.isOpen('unresponsive', 'consumer') || view.isOpen('failing', 'consumer')) {
    return undefined
  }
  return {
    service: 'consumer',
    severity: 'critical',
    summary: `${plural(still.length, 'shard')} of stream 2 ${still.length === 1 ? 'is' : 'are'} not being handled: ${first.shardId} stands still since ${view.at(memory.shards[first.shardId]?.changedAt ?? time)}.`,
    workers: [...new Set(still.flatMap(({ owner }) => owner ?? []))],
    details: { shards: still.map(({ shardId }) => shardId).join(' ') },
  }
}

function findFirehose(view: WatchView): Finding | undefined {
  const { waitingSince, newest } = view.memory.rawLayer
  if (view.observation.newestRawObject === undefined || waitingSince === null) return undefined
  if (view.time - waitingSince < view.rawLayerMaxAgeMs) return undefined
  return {
    service: 'firehose',
    severity: 'critical',
    summary: `Rows are emitted, but nothing has reached the raw layer since ${view.at(waitingSince)}.`,
    workers: view.workersOf('firehose').map(({ id }) => id),
    details: { newestObject: newest === '' ? 'none' : newest },
  }
}
