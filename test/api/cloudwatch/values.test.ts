import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import t from 'tap'
import { createAccidentValues } from '../../../api/cloudwatch/accident-values.ts'
import { fleetValues } from '../../../api/cloudwatch/fleet-values.ts'
import { monthlyCost } from '../../../api/cloudwatch/monthly-cost.ts'
import { placeValues } from '../../../api/cloudwatch/place-values.ts'
import { describeFleet } from '../../../api/fleet/fleet.ts'
import type { SeverityMinute } from '../../../lib/insights/insight-reader.ts'
import { fakeInsights, LIVE_FEED } from '../../support/fake-app.ts'

const MINUTE_MS = 60_000
const NOW = 1_795_000_000_000 - (1_795_000_000_000 % MINUTE_MS) + 20 * MINUTE_MS

const show = ({ MetricName, Dimensions = [], Value, Timestamp }: MetricDatum) =>
  `${MetricName} ${Dimensions.map((of) => `${of.Name}=${of.Value}`).join()} ${Value} @${((Timestamp?.getTime() ?? 0) - NOW) / MINUTE_MS}`

function minute(
  ago: number,
  cells: [state: string, severity: number, count: number][],
  isProvisional = false,
) {
  const bySeverity = new Map<number, number>()
  const byState = new Map<string, number>()
  for (const [state, severity, count] of cells) {
    bySeverity.set(severity, (bySeverity.get(severity) ?? 0) + count)
    byState.set(state, (byState.get(state) ?? 0) + count)
  }
  return {
    minute: NOW - ago * MINUTE_MS,
    isProvisional,
    bySeverity,
    byState,
    cells: [],
  } satisfies SeverityMinute
}

function setUp(held: Record<string, SeverityMinute[]>, scope: 'none' | 'severity' | 'state' = 'state') {
  const values = createAccidentValues({
    feeds: { list: async () => ({ feeds: Object.keys(held).map((name) => ({ ...LIVE_FEED, name })) }) },
    insights: fakeInsights({
      readSeverityMinutes: async (feed, from, to) =>
        (held[feed] ?? []).filter((one) => one.minute >= from && one.minute < to),
    }),
    scope,
  })
  return async (accept = true) => {
    const { data, accepted } = await values.changed(NOW)
    if (accept) accepted()
    return data.map(show)
  }
}

t.test('a minute in which one live feed follows another has the count of the larger one', async (t) => {
  const look = setUp({
    'live-2': [minute(2, [['CA', 2, 3]])],
    'live-1': [minute(2, [['CA', 4, 1]]), minute(3, [['OH', 1, 2]])],
  })
  t.strictSame(await look(), [
    'Accidents Severity=1 2 @-3',
    'Accidents Severity=2 0 @-3',
    'Accidents Severity=3 0 @-3',
    'Accidents Severity=4 0 @-3',
    'Accidents State=OH 2 @-3',
    'Accidents Severity=1 0 @-2',
    'Accidents Severity=2 3 @-2',
    'Accidents Severity=3 0 @-2',
    'Accidents Severity=4 1 @-2',
    'Accidents State=CA 4 @-2',
  ])
})

t.test('what was taken is published again each time, or what was not taken never', async (t) => {
  const held = { 'live-1': [minute(2, [['CA', 2, 3]]), minute(1, [['CA', 2, 1]], true)] }
  const look = setUp(held, 'severity')
  t.equal((await look(false)).length, 4, 'one minute; the other is not final')
  t.equal((await look()).length, 4, 'it was not taken')
  t.strictSame(await look(), [])
  held['live-1'] = [minute(2, [['CA', 2, 4]]), minute(1, [['CA', 2, 1]])]
  t.match(await look(), ['Accidents Severity=1 0 @-2', 'Accidents Severity=2 4 @-2'], 'it has grown')
  t.strictSame(await look(), [])
  t.strictSame(await setUp(held, 'none')(), [], 'nobody asked for it')
})

t.test('an error of yesterday makes a worker fail, or a worker that has stopped', async (t) => {
  const beat = (id: string, state: 'running' | 'stopped', errorAgeMs: number | undefined, putAside = 0) => ({
    ...beatDefaults,
    id,
    state,
    progress: { putAside },
    ...(errorAgeMs === undefined ? {} : { lastError: { at: NOW - errorAgeMs, message: 'no' } }),
  })
  const fleet = describeFleet(
    [
      beat('c-1', 'running', 10_000, 2),
      beat('c-2', 'running', 3_600_000, 1),
      beat('c-3', 'stopped', 10_000, 4),
      beat('c-4', 'running', undefined),
    ],
    [],
    NOW,
  )
  const shard = { stream: 's', parents: [], epoch: 1, checkpoint: 'TRIM_HORIZON' }
  const shards = [
    { ...shard, shardId: '1', owner: 'c-1', msBehindLatest: 1_500 },
    { ...shard, shardId: '2' },
  ]
  t.strictSame(fleetValues(fleet, shards, { now: NOW, errorAgeMs: 120_000 }).map(show), [
    'LagSeconds Service=consumer 1.5 @0',
    'ShardsUnowned Service=consumer 1 @0',
    'DeadLetters Service=consumer 7 @0',
    'FailingWorkers Service=producer 0 @0',
    'FailingWorkers Service=consumer 1 @0',
    'FailingWorkers Service=api 0 @0',
  ])
})
const beatDefaults = {
  kind: 'consumer',
  since: 0,
  at: NOW,
  ageMs: 0,
  version: '0',
  host: 'host',
  pid: 1,
  holds: [],
  eventLoopUtilization: 0,
  rssMb: 1,
}

t.test('more places are published than were asked for, or two of one name as one', async (t) => {
  const place = (rank: number, name: string, state: string) => ({
    rank,
    name,
    state,
    count: 10 - rank,
    weight: 1,
  })
  const cities = [place(1, 'Columbus', 'OH'), place(2, 'Columbus', 'GA'), place(3, 'Miami', 'FL')]
  const ranking = { feed: 'live-1', windowStart: null, cities, counties: [place(1, 'Orange', 'CA')] }
  const windowEnd = new Date(NOW).toISOString()
  t.strictSame(placeValues({ ...ranking, windowEnd }, 2).map(show), [
    'AccidentsLastHour City=Columbus, OH 9 @0',
    'AccidentsLastHour City=Columbus, GA 8 @0',
    'AccidentsLastHour County=Orange, CA 9 @0',
  ])
  t.strictSame(placeValues({ ...ranking, windowEnd }, 0), [])
  t.strictSame(placeValues({ ...ranking, windowEnd: null }, 2), [])
})

t.test('the month costs more than it says', async (t) => {
  const calls = 43_800 * 7
  t.strictSame(monthlyCost({ intervalSeconds: 60, accidents: 'state', topPlaces: 0 }), {
    series: 60,
    calls,
    usd: Math.round((60 * 0.3 + (calls / 1_000) * 0.01) * 100) / 100,
  })
  t.equal(monthlyCost({ intervalSeconds: 60, accidents: 'none', topPlaces: 0 }).series, 7)
  t.equal(monthlyCost({ intervalSeconds: 60, accidents: 'none', topPlaces: 3 }).series, 13)
  t.equal(monthlyCost({ intervalSeconds: 10, accidents: 'none', topPlaces: 0 }).calls, 43_800 * 12)
})
