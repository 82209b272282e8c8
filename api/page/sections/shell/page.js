// Puts what /events sends where it is shown, for whom may see it.

import { createLettersView } from '../dead-letters/letters-view.js'
import { describeFleet, describeOwnership, shardRows, workerRows } from '../fleet/fleet.js'
import { createIncidentsView } from '../incidents/incidents-view.js'
import { createAccidentsView } from '../map/accidents-view.js'
import { createMap } from '../map/map.js'
import { createInsightsView } from '../minutes/insights-view.js'
import { createOverviewView } from '../overview/overview-view.js'
import { createPipelineView } from '../pipeline/pipeline-view.js'
import { rejectionRow } from '../places/lists.js'
import { createPlacesView } from '../places/places-view.js'
import { createPaceDialog, createStartDialog } from '../replays/replay-dialogs.js'
import { createReplaysView } from '../replays/replays-view.js'
import { createSession } from '../session/session.js'
import { createApiClient } from './api-client.js'
import { createConfirm } from './confirm.js'
import { formatClock, formatCount, formatDuration } from './format.js'
import { createLiveData } from './live-data.js'
import { element, updateRows } from './rows.js'

const at = (id) => document.getElementById(id)

/** What was heard last. */
const seen = { asOf: undefined, feed: undefined, fleet: undefined, incidents: undefined }

const call = createApiClient(() => void session.look())
const confirm = createConfirm(at)
const map = await createMap(at('map'))
const accidents = createAccidentsView(at, map)
const insights = createInsightsView(at)
const places = createPlacesView(at, map)
const overview = createOverviewView(at)
const pipeline = createPipelineView(at)
const incidents = createIncidentsView(at, call)
const paceDialog = createPaceDialog(at, { call, onChanged: (replay) => replays.put(replay) })
const replays = createReplaysView(at, { call, confirm, changePace: (replay) => paceDialog.open(replay) })
const startDialog = createStartDialog(at, { call, onStarted: showStarted })
const letters = createLettersView(at, { call, confirm, onStarted: (replay) => replays.put(replay) })
at('replay-new').addEventListener('click', () => startDialog.open())

const live = createLiveData(
  {
    fleet: onFleet,
    pipeline: onPipeline,
    incidents: onIncidents,
    insights: onInsights,
    replays: ({ items }) => replays.update(items),
    accidents: (batch) => accidents.update(batch),
  },
  { onAge: showAge, onRefused: () => void session.look() },
)
const session = createSession(at, call, ({ required, role }) => {
  const mayOperate = role === 'operate'
  replays.allow(mayOperate)
  letters.allow(mayOperate)
  if (required && role === null) live.stop()
  else live.start()
})
await session.look()

function onFleet(fleet) {
  seen.fleet = fleet
  at('updated').textContent = formatClock(fleet.asOf)
  at('updated').setAttribute('datetime', fleet.asOf)
  at('fleet-note').textContent = describeFleet(fleet)
  updateRows(at('workers-rows'), workerRows(fleet), {
    columns: ['nowrap', '', 'wide', 'number', 'number wide', 'number wide', 'number wide'],
    empty: 'no worker has been heard of',
  })
  at('shards-note').textContent = describeOwnership(fleet)
  updateRows(at('shards-rows'), shardRows(fleet), {
    columns: ['nowrap', '', 'number wide', 'number', 'number'],
    empty: 'no consumer has made leases yet',
  })
}

function onPipeline({ asOf, feeds }) {
  seen.asOf = asOf
  seen.feed = feeds.find(({ alias }) => alias === 'live')
  replays.updateLive(feeds)
  letters.noteCount(feeds.reduce((sum, feed) => sum + feed.refused + feed.rejected + feed.recovered, 0))
  showState()
}

function onIncidents(data) {
  seen.incidents = data
  incidents.update(data)
  showState()
}

function showState() {
  overview.update(seen)
  pipeline.update(seen)
}

function onInsights(data) {
  insights.update(data.severity)
  places.update(data)
  updateRows(at('rejected-rows'), data.rejections.map(rejectionRow), {
    empty: 'no record has been rejected',
  })
}

function showStarted(replay) {
  replays.put(replay)
  replays.say(`${replay.name ?? replay.feed} has been started.`)
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
    seen.fleet === undefined
      ? '. Nothing has come yet; trying to connect.'
      : `. What you see is from ${shownFrom}; trying to reconnect.`,
  )
}
