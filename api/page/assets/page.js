// Puts what /events sends where it is shown.

import { createAccidentsView } from './accidents-view.js'
import { describeFleet, describeOwnership, shardRows, workerRows } from './fleet.js'
import { formatClock, formatCount, formatDuration, formatPercent, formatRate } from './format.js'
import { createInsightsView } from './insights-view.js'
import { describeSettlement, describeWatermark, lawRows } from './laws.js'
import { rejectionRow } from './lists.js'
import { followEvents } from './live-data.js'
import { createMap } from './map.js'
import { createPlacesView } from './places-view.js'
import { element, updateRows } from './rows.js'
import { describeStatus } from './status.js'

const at = (id) => document.getElementById(id)

let feed
let fleet

const map = await createMap(at('map'))
const accidents = createAccidentsView(at, map)
const insights = createInsightsView(at)
const places = createPlacesView(at, map)

followEvents(
  {
    fleet: onFleet,
    pipeline: onPipeline,
    insights(data) {
      insights.update(data.severity)
      places.update(data)
      updateRows(at('rejected-rows'), data.rejections.map(rejectionRow), {
        empty: 'no record has been rejected',
      })
    },
    accidents(data) {
      accidents.update(data)
    },
  },
  showAge,
)

function onFleet(data) {
  fleet = data
  at('updated').textContent = formatClock(data.asOf)
  at('updated').setAttribute('datetime', data.asOf)
  at('fleet-note').textContent = describeFleet(data)
  updateRows(at('workers-rows'), workerRows(data), {
    columns: ['nowrap', '', 'wide', 'number', 'number wide', 'number wide', 'number wide'],
    empty: 'no worker has been heard of',
  })
  at('shards-note').textContent = describeOwnership(data)
  updateRows(at('shards-rows'), shardRows(data), {
    columns: ['nowrap', '', 'number wide', 'number', 'number'],
    empty: 'no consumer has made leases yet',
  })
}

function onPipeline(data) {
  feed = data.feeds.find((candidate) => candidate.alias === 'live')
  const { level, text } = describeStatus({ feed, fleet })
  setText(at('status'), text)
  at('status').dataset.level = level
  if (feed !== undefined) showFeed(feed, data.asOf)
}

function showFeed(feed, asOf) {
  setText(at('feed-name'), feed.feed)
  setTag(at('feed-state'), feed.state ?? 'unknown', feed.state === 'failed' ? 'bad' : '')
  at('rows-in').textContent = formatRate(feed.emittedPerSecond)
  at('events-out').textContent = formatRate(feed.receivedPerSecond)
  at('accidents-total').textContent = formatCount(feed.received.accident)
  at('late-total').textContent = formatCount(feed.received.accidentLate)
  at('repeated-total').textContent = formatCount(feed.repeated)
  const bad = feed.refused + feed.rejected
  at('bad-total').textContent = formatCount(bad)
  at('bad-share').textContent = feed.read === 0 ? '' : `${formatPercent(bad / feed.read)} of read`
  const { text, level } = describeSettlement(feed)
  setTag(at('settled'), text, level)
  updateRows(at('laws-rows'), lawRows(feed), { columns: ['', '', '', 'number'] })
  at('watermark').textContent = describeWatermark(feed.watermark, asOf)
}

function showAge(ageMs) {
  at('map-count').textContent = formatCount(accidents.dots)
  const banner = at('stale')
  banner.hidden = ageMs === null
  document.body.classList.toggle('is-stale', ageMs !== null)
  if (ageMs === null) return
  const shownFrom = at('updated').textContent
  // The seconds are for eyes: a screen reader is told once, not every second.
  banner.replaceChildren(
    'Stale',
    element('span', { 'aria-hidden': 'true' }, ` for ${formatDuration(ageMs)}`),
    fleet === undefined
      ? '. Nothing has come yet; trying to connect.'
      : `. What you see is from ${shownFrom}; trying to reconnect.`,
  )
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function setTag(tag, text, level) {
  setText(tag, text)
  tag.dataset.level = level
}
