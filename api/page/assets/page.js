// Puts what /events sends where it is shown.

import { describeFleet, shardRows, workerRows } from './fleet.js'
import {
  formatClock,
  formatCount,
  formatDuration,
  formatMinute,
  formatPercent,
  formatRate,
} from './format.js'
import { describeSettlement, lawRows } from './laws.js'
import { accidentRow, rejectionRow } from './lists.js'
import { followEvents } from './live-data.js'
import { createMap } from './map.js'
import { createMinutesChart, toSlots } from './minutes-chart.js'
import { SEVERITIES } from './palette.js'
import { element, updateRows } from './rows.js'
import { describeStatus } from './status.js'

const ACCIDENTS_LISTED = 40
const LATENCY_SAMPLES = 300
const SEVERITY_WORDS = { 1: 'least impact', 2: 'some', 3: 'much', 4: 'most impact on traffic' }

const at = (id) => document.getElementById(id)

let feed
let fleet
let severity
let listed = []
let latencies = []
let updatedAt

showLegend()
const map = await createMap(at('map'))
const chart = createMinutesChart(at('minutes'), showReadout)

followEvents({ fleet: onFleet, pipeline: onPipeline, insights: onInsights, accidents: onAccidents }, showAge)

function onFleet(data) {
  fleet = data
  updatedAt = data.asOf
  at('fleet-note').textContent = describeFleet(data)
  updateRows(at('workers-rows'), workerRows(data), {
    columns: ['nowrap', '', 'wide', 'number', 'number wide', 'number wide', 'number wide'],
    empty: 'no worker has been heard of',
  })
  const isOpen = (shard) => shard.checkpoint !== 'SHARD_END'
  at('shards-note').textContent =
    `${data.shards.filter((shard) => isOpen(shard) && shard.owner !== null).length} of ${data.shards.filter(isOpen).length} owned`
  updateRows(at('shards-rows'), shardRows(data), {
    columns: ['nowrap', '', 'number wide', 'number', 'number'],
    empty: 'no consumer has made leases yet',
  })
  at('updated').textContent = formatClock(data.asOf)
  at('updated').setAttribute('datetime', data.asOf)
}

function onPipeline(data) {
  feed = data.feeds.find((candidate) => candidate.alias === 'live')
  showStatus()
  if (feed === undefined) return
  at('feed-name').textContent = feed.feed
  showTag(at('feed-state'), feed.state ?? 'unknown', feed.state === 'failed' ? 'bad' : '')
  at('rows-in').textContent = formatRate(feed.emittedPerSecond)
  at('events-out').textContent = formatRate(feed.receivedPerSecond)
  at('accidents-total').textContent = formatCount(feed.received.accident)
  at('late-total').textContent = formatCount(feed.received.accidentLate)
  at('repeated-total').textContent = formatCount(feed.repeated)
  const bad = feed.refused + feed.rejected
  at('bad-total').textContent = formatCount(bad)
  at('bad-share').textContent = feed.read === 0 ? '' : `${formatPercent(bad / feed.read)} of read`
  const { text, level } = describeSettlement(feed)
  showTag(at('settled'), text, level)
  updateRows(at('laws-rows'), lawRows(feed), { columns: ['', '', '', 'number'] })
  at('watermark').textContent = describeWatermark(feed.watermark, data.asOf)
}

function onInsights(data) {
  severity = data.severity
  chart.update(severity)
  showReadout(null)
  showMinutesTable()
  showStates()
  updateRows(at('rejected-rows'), data.rejections.map(rejectionRow), { empty: 'no record has been rejected' })
}

function onAccidents({ reset, dots, items }) {
  const newDots = [...dots, ...items.filter((item) => item.map !== null).map(toDot)]
  if (reset) {
    map.reset(newDots)
    listed = []
    latencies = []
  } else {
    map.add(newDots)
  }
  listed = [...items.toReversed(), ...listed].slice(0, ACCIDENTS_LISTED)
  const measured = items.map((item) => Date.parse(item.receivedAt) - Date.parse(item.emittedAt))
  latencies = [...latencies, ...measured].slice(-LATENCY_SAMPLES)
  updateRows(at('accidents-rows'), listed.map(accidentRow), { empty: 'no accident has been received yet' })
  at('end-to-end').textContent = latencies.length === 0 ? '–' : formatDuration(quantile(latencies, 0.95))
}

const toDot = ({ map: point, severity: level, late }) => [point.x, point.y, level, late ? 1 : 0]

function showStatus() {
  const { level, text } = describeStatus({ feed, fleet })
  const line = at('status')
  if (line.textContent !== text) line.textContent = text
  line.dataset.level = level
}

function showAge(ageMs) {
  const banner = at('stale')
  document.body.classList.toggle('is-stale', ageMs !== null)
  banner.hidden = ageMs === null
  at('map-count').textContent = formatCount(map.size)
  if (ageMs === null) return
  const shown =
    updatedAt === undefined ? 'Nothing has come yet' : `What you see is from ${formatClock(updatedAt)}`
  banner.textContent = `Stale for ${formatDuration(ageMs)}. ${shown}; trying to reconnect.`
}

/** One minute in words: the one under the pointer, else the last one that is closed. */
function showReadout(hovered) {
  if (severity === undefined) return
  const slots = toSlots(severity)
  const slot =
    hovered ?? slots.findLast(({ minute }) => minute !== undefined && !minute.provisional) ?? slots.at(-1)
  const counts = slot.minute?.bySeverity ?? {}
  const total = SEVERITIES.reduce((sum, level) => sum + (counts[level] ?? 0), 0)
  const parts = SEVERITIES.flatMap((level) => [
    ' ',
    element('span', { class: 'mark', 'data-severity': String(level) }),
    ` ${formatCount(counts[level] ?? 0)}`,
  ])
  at('minutes-readout').replaceChildren(
    `${formatMinute(slot.start)}  `,
    element('b', {}, `${formatCount(total)} accidents`),
    ...parts,
    slot.minute?.provisional ? '  provisional' : '',
  )
}

function showMinutesTable() {
  const rows = severity.minutes.slice(-30).toReversed()
  updateRows(
    at('minutes-rows'),
    rows.map(({ start, provisional, bySeverity }) => ({
      key: start,
      cells: [
        formatMinute(start),
        ...SEVERITIES.map((level) => formatCount(bySeverity[level])),
        { text: provisional ? 'provisional' : 'final', className: 'soft' },
      ],
    })),
    { columns: ['', 'number', 'number', 'number', 'number'], empty: 'no accident in the last hour' },
  )
}

function showStates() {
  const most = severity.states[0]?.total ?? 0
  const rows = severity.states.map(({ state, total }) => ({
    key: state,
    cells: [
      state,
      element('meter', { min: '0', max: String(most), value: String(total), 'aria-hidden': 'true' }),
      formatCount(total),
      { text: formatPercent(total / severity.total), className: 'soft' },
    ],
  }))
  updateRows(at('states-rows'), rows, { columns: ['', '', 'number', 'number'] })
  const leaders = severity.states.slice(0, 3).map(({ state, total }) => `${state} ${formatCount(total)}`)
  at('map').setAttribute(
    'aria-label',
    `Map of the United States with the last accidents. Most so far: ${leaders.join(', ') || 'none'}. The table by state has all.`,
  )
}

function describeWatermark(watermark, asOf) {
  if (watermark === null) return 'Flink has not counted anything of this feed yet.'
  const behindMs = Date.parse(asOf) - Date.parse(watermark)
  // When a feed is over, the watermark may be ahead of the clock: nothing more can come.
  const distance = behindMs > 0 ? `, ${formatDuration(behindMs)} ago` : ''
  return `Flink has counted every event up to ${formatClock(watermark)}${distance}: it waits for late ones.`
}

function showTag(tag, text, level) {
  if (tag.textContent !== text) tag.textContent = text
  tag.dataset.level = level
}

function showLegend() {
  const marks = SEVERITIES.map((level) =>
    element(
      'li',
      { title: SEVERITY_WORDS[level] },
      element('span', { class: 'mark', 'data-severity': String(level) }),
      level === 1 ? 'severity 1' : String(level),
    ),
  )
  const late = element('li', {}, element('span', { class: 'mark', 'data-late': '' }), 'late')
  at('legend').replaceChildren(...marks, late)
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
}
