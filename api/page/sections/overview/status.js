// Is it well? If not, what and since when, in one sentence, the worst first. It has no number that changes every second:
// a screen reader reads it out.

import { isReplaced, isWorking } from '../fleet/fleet.js'
import { sortedBySeverity } from '../incidents/incident-words.js'
import { describeBroken } from '../pipeline/laws.js'
import { formatClock, formatCount, formatMoment } from '../shell/format.js'

/** Beyond the watermark's own distance of about half a minute. */
const TALLY_OLD_MS = 120_000
const NEEDED_KINDS = ['producer', 'consumer']

/** @typedef {{ level: 'good' | 'warn' | 'bad' | 'idle', text: string }} Status */

/**
 * What the watchdog found comes before what can be seen from here: it knows what explains what. It takes some seconds,
 * in which the page says itself what it sees, and an api without a watchdog leaves all of it to the page.
 * @param {{ feed: any, fleet: any, incidents?: any }} state the newest live feed of `/pipeline`, `/fleet`, and the open
 *   incidents where there is a watchdog
 * @returns {Status}
 */
export function describeStatus({ feed, fleet, incidents }) {
  if (fleet === undefined) return { level: 'idle', text: 'Waiting for data.' }
  const open = sortedBySeverity((incidents?.open ?? []).filter(({ suppressedBy }) => suppressedBy === null))
  const [worst] = open
  if (worst?.severity === 'critical') return describeIncident(worst, open.length - 1)
  return (
    findBroken(feed) ??
    findWorker(fleet) ??
    (worst === undefined ? undefined : describeIncident(worst, open.length - 1)) ??
    findStandstill(feed, fleet) ??
    describeWell(feed)
  )
}

function describeIncident({ severity, summary }, others) {
  const more = others === 0 ? '' : ` And ${formatCount(others)} more.`
  return { level: severity === 'critical' ? 'bad' : 'warn', text: `${asSentence(summary)}${more}` }
}

const asSentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`)

function findBroken(feed) {
  if (feed === undefined || feed.brokenSince === null) return undefined
  const what = describeBroken(feed) ?? 'They agree again since a moment'
  return {
    level: 'bad',
    text: `The counts do not agree since ${formatMoment(feed.brokenSince)}. ${what}.`,
  }
}

function findWorker({ workers }) {
  const silent = workers.find((worker) => worker.state === 'silent' && !isReplaced(worker, workers))
  if (silent !== undefined) {
    const since = formatClock(silent.lastSeen)
    return { level: 'bad', text: `The ${silent.kind} ${silent.id} has been silent since ${since}.` }
  }
  const absent = NEEDED_KINDS.find(
    (kind) => !workers.some((worker) => worker.kind === kind && isWorking(worker)),
  )
  if (absent === undefined) return undefined
  const lastSeen = workers.filter(({ kind }) => kind === absent).map((worker) => worker.lastSeen)
  const since = lastSeen.length === 0 ? '' : ` since ${formatClock(lastSeen.toSorted().at(-1))}`
  return { level: 'warn', text: `No ${absent} is running${since}.` }
}

function findStandstill(feed, { asOf, shards }) {
  if (feed === undefined) return { level: 'idle', text: 'Waiting for the first live feed.' }
  const unowned = shards.filter(({ owner, checkpoint }) => owner === null && checkpoint !== 'SHARD_END')
  if (unowned.length > 0) {
    const count = `${formatCount(unowned.length)} ${unowned.length === 1 ? 'shard' : 'shards'}`
    return { level: 'warn', text: `${count} of stream 2 without an owner.` }
  }
  if (feed.state !== 'running') return undefined
  if (feed.watermark !== null && Date.parse(asOf) - Date.parse(feed.watermark) > TALLY_OLD_MS) {
    return { level: 'warn', text: `Flink has not counted anything since ${formatClock(feed.watermark)}.` }
  }
  if (feed.emittedPerSecond > 0) return undefined
  return { level: 'warn', text: 'The producer has not emitted a row for ten seconds.' }
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
