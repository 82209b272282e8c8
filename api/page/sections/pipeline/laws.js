// The conservation laws in plain words: at each stage what came, and what became of it.

import { formatClock, formatCount, formatDuration } from '../shell/format.js'
import { element } from '../shell/rows.js'

/** @typedef {[name: string, count: number][]} Terms */

/** By the name that the api gives each law. @type {Record<string, { stage: string, came: (f: any) => Terms, became: (f: any) => Terms }>} */
const LAWS = {
  producer: {
    stage: 'Producer',
    came: (feed) => [
      ['read', feed.read],
      ['recovered', feed.recovered],
    ],
    became: (feed) => [
      ['emitted', feed.emitted],
      ['refused', feed.refused],
      ['filtered', feed.filtered],
    ],
  },
  streamOne: {
    stage: 'Stream 1',
    came: (feed) => [['emitted', feed.emitted]],
    became: (feed) => [['read by Flink', feed.in - feed.resent]],
  },
  validation: {
    stage: 'Validation',
    came: (feed) => [['in', feed.in]],
    became: (feed) => [
      ['valid', feed.valid],
      ['rejected', feed.rejected],
      ['resent', feed.resent],
    ],
  },
  deduplication: {
    stage: 'Deduplication',
    came: (feed) => [['valid', feed.valid]],
    became: (feed) => [
      ['unique', feed.unique],
      ['repeated', feed.repeated],
    ],
  },
  lateness: {
    stage: 'Lateness',
    came: (feed) => [['unique', feed.unique]],
    became: (feed) => [
      ['on time', feed.onTime],
      ['late', feed.late],
    ],
  },
  accident: {
    stage: 'Accidents',
    came: (feed) => [['on time', feed.onTime]],
    became: (feed) => [['received', feed.received.accident]],
  },
  accidentLate: {
    stage: 'Late accidents',
    came: (feed) => [['late', feed.late]],
    became: (feed) => [['received', feed.received.accidentLate]],
  },
  rejected: {
    stage: 'Rejected',
    came: (feed) => [['rejected', feed.rejected]],
    became: (feed) => [['received', feed.received.rejected]],
  },
  windows: {
    stage: 'Minute windows',
    came: (feed) => [['on time', feed.onTime]],
    became: (feed) => [['in closed minutes', feed.windowed]],
  },
}

/** Rows of the table. @param {any} feed one of `/pipeline` */
export function lawRows(feed) {
  return Object.entries(LAWS).map(([law, { stage, came, became }]) => ({
    key: law,
    cells: [
      stage,
      describeTerms(came(feed)),
      describeTerms(became(feed)),
      describeDifference(feed.differences[law], sum(became(feed)) - sum(came(feed))),
    ],
  }))
}

/** The words of the badge. @param {any} feed */
export function describeSettlement(feed) {
  if (feed.brokenSince !== null)
    return { text: `not equal since ${formatClock(feed.brokenSince)}`, level: 'bad' }
  if (feed.settled) return { text: 'settled: nothing lost', level: 'good' }
  return { text: 'all equal so far', level: 'good' }
}

/** The worst law of a feed in one clause, or nothing. @param {any} feed */
export function describeBroken(feed) {
  const [law, difference] = Object.entries(feed.differences).find(([, value]) => value !== 0) ?? []
  if (law === undefined) return undefined
  const count = formatCount(Math.abs(difference))
  return `${LAWS[law].stage}: ${count} ${difference < 0 ? 'missing' : 'too many'}`
}

/** @param {string | null} watermark @param {string} asOf */
export function describeWatermark(watermark, asOf) {
  if (watermark === null) return 'Flink has not counted anything of this feed yet.'
  const behindMs = Date.parse(asOf) - Date.parse(watermark)
  // When a feed is over, the watermark may be ahead of the clock: nothing more can come.
  const distance = behindMs > 0 ? `, ${formatDuration(behindMs)} ago: it waits for late ones` : ''
  return `Flink has counted every event up to ${formatClock(watermark)}${distance}.`
}

function describeTerms(terms) {
  const shown = terms.filter(([, count], i) => i === 0 || count !== 0)
  const parts = shown.flatMap(([name, count], i) => [
    i === 0 ? '' : ' + ',
    element('b', {}, formatCount(count)),
    ' ',
    element('span', { class: 'soft' }, name),
  ])
  return element('span', {}, ...parts)
}

/** What the api calls a difference is one; what else is not equal is on its way, or not yet counted where it came from. */
function describeDifference(difference, ahead) {
  if (difference < 0) return { text: `${formatCount(-difference)} missing`, className: 'bad' }
  if (difference > 0) return { text: `${formatCount(difference)} too many`, className: 'bad' }
  if (ahead < 0) return { text: `${formatCount(-ahead)} on the way`, className: 'soft' }
  if (ahead > 0) return { text: `${formatCount(ahead)} ahead`, className: 'soft' }
  return { text: '0', className: 'good' }
}

const sum = (terms) => terms.reduce((total, [, count]) => total + count, 0)
