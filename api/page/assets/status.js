// Is it well? One sentence, the worst first. It has no number that changes every second: a screen reader reads it out.

import { isReplaced, isWorking } from './fleet.js'
import { formatClock, formatCount } from './format.js'
import { describeBroken } from './laws.js'

/** Beyond the watermark's own distance of about half a minute. */
const TALLY_OLD_MS = 120_000
const NEEDED_KINDS = ['producer', 'consumer']

/**
 * @param {{ feed: any, fleet: any }} state the newest live feed of `/pipeline`, and `/fleet`
 * @returns {{ level: 'good' | 'warn' | 'bad' | 'idle', text: string }}
 */
export function describeStatus({ feed, fleet }) {
  if (fleet === undefined) return { level: 'idle', text: 'Waiting for data.' }
  if (feed !== undefined && feed.brokenSince !== null) {
    return {
      level: 'bad',
      text: `The counts do not agree. ${describeBroken(feed) ?? 'They agree again since a moment'}.`,
    }
  }
  const silent = fleet.workers.find(
    (worker) => worker.state === 'silent' && !isReplaced(worker, fleet.workers),
  )
  if (silent !== undefined) {
    return {
      level: 'bad',
      text: `The ${silent.kind} ${silent.id} has been silent since ${formatClock(silent.lastSeen)}.`,
    }
  }
  const absent = NEEDED_KINDS.find(
    (kind) => !fleet.workers.some((worker) => worker.kind === kind && isWorking(worker)),
  )
  if (absent !== undefined) return { level: 'warn', text: `No ${absent} is running.` }
  if (feed === undefined) return { level: 'idle', text: 'Waiting for the first live feed.' }
  const unowned = fleet.shards.filter(
    (shard) => shard.owner === null && shard.checkpoint !== 'SHARD_END',
  ).length
  if (unowned > 0)
    return {
      level: 'warn',
      text: `${formatCount(unowned)} ${unowned === 1 ? 'shard' : 'shards'} of stream 2 without an owner.`,
    }
  if (feed.state === 'running' && isTallyOld(feed, fleet.asOf)) {
    return { level: 'warn', text: 'Flink has not counted anything for two minutes.' }
  }
  if (feed.state === 'running' && feed.emittedPerSecond === 0) {
    return { level: 'warn', text: 'The producer has not emitted a row for ten seconds.' }
  }
  return describeWell(feed)
}

function describeWell(feed) {
  if (feed.settled) return { level: 'good', text: `${feed.feed} is over and settled: nothing was lost.` }
  if (feed.state === 'running') {
    return { level: 'good', text: 'All is well: rows flow, and every count agrees.' }
  }
  if (feed.state === 'finished') {
    return { level: 'good', text: `${feed.feed} has been read; the last rows are on their way.` }
  }
  return { level: feed.state === 'failed' ? 'bad' : 'idle', text: `${feed.feed} is ${feed.state}.` }
}

function isTallyOld(feed, asOf) {
  return feed.watermark !== null && Date.parse(asOf) - Date.parse(feed.watermark) > TALLY_OLD_MS
}
