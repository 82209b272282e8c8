import t from 'tap'
import { type RawEvent, toRawEvent } from '../../../lib/events/raw-event.ts'
import { compileFilter, type Filter, faultsOfFilter } from '../../../lib/feeds/filter.ts'

const COLUMNS = ['id', 'severity', 'start_time', 'start_lat', 'start_lng', 'state', 'timezone'].map(
  (field) => ({
    header: field,
    field,
    kind: ['severity', 'start_lat', 'start_lng'].includes(field) ? ('number' as const) : ('text' as const),
  }),
)

function accident(...fields: string[]): RawEvent {
  return toRawEvent(fields, COLUMNS, { feed: 'live-1', seq: 1, attempt: 1, eventTime: 0 })
}

const MIAMI = accident('A-1', '2', '2022-07-01 08:30:00', '25.77', '-80.19', 'FL', 'US/Eastern')
const PHOENIX = accident('A-2', '4', '2022-07-01 08:30:00', '33.45', '-112.07', 'AZ', 'US/Mountain')
const NOWHERE = accident('A-3', 'x', 'yesterday', 'north', '', '', '')

/** The ids of those that fit. */
const fitting = (filter: Filter) =>
  [MIAMI, PHOENIX, NOWHERE].filter(compileFilter(filter)).map(({ id }) => id)

t.test('a filter takes an accident that does not fit, or leaves one out that does', async (t) => {
  t.same(fitting({}), ['A-1', 'A-2', 'A-3'])
  t.same(fitting({ states: ['AZ', 'CA'] }), ['A-2'])
  t.same(fitting({ severities: [1, 2] }), ['A-1'])
  t.same(fitting({ ids: ['A-3', 'A-1'] }), ['A-1', 'A-3'])
  t.same(fitting({ box: { north: 33.45, south: 20, east: -80.19, west: -112.07 } }), ['A-1', 'A-2'], 'edges')
  t.same(fitting({ box: { north: 33.44, south: 20, east: -80, west: -112.08 } }), ['A-1'])
  t.same(fitting({ states: ['AZ'], severities: [2] }), [], 'all that is asked')
})

t.test('the time range is taken by the clocks of the source, or an edge by the wrong side', async (t) => {
  // Half past eight is 12:30 UTC in Miami, and 15:30 in Arizona, which has no daylight saving time.
  t.same(fitting({ from: '2022-07-01T12:30:00Z' }), ['A-1', 'A-2'])
  t.same(fitting({ from: '2022-07-01T12:30:00.001Z' }), ['A-2'])
  t.same(fitting({ to: '2022-07-01T15:30:00Z' }), ['A-1'])
  t.same(fitting({ from: '2022-07-01T08:30:00-07:00', to: '2022-07-01T15:30:00.001Z' }), ['A-2'])
})

t.test('a filter that no accident can fit is accepted, or its fault is not named', async (t) => {
  t.same(faultsOfFilter({ states: ['TX'], box: { north: 1, south: 1, east: 2, west: 2 } }), [])
  const fields = (value: unknown) => faultsOfFilter(value).map(({ field }) => field)
  t.same(fields({ states: [] }), ['states'])
  t.same(fields({ states: ['tx'], severities: [5] }), ['states.0', 'severities.0'], 'all at once')
  t.same(fields({ states: ['TX', 'ZZ', 'DC', 'PR'] }), ['states.1', 'states.3'], 'no state of the dataset')
  t.same(fields({ from: '2022-01-02T00:00:00Z', to: '2022-01-02T00:00:00Z' }), ['to'])
  t.same(fields({ from: 'yesterday' }), ['from'])
  t.same(fields({ box: { north: 1, south: 2, east: 1, west: 2 } }), ['box.north', 'box.east'])
  t.equal(fields({ stats: ['TX'] }).length, 1, 'a name that is not known')
  t.equal(fields('TX').length, 1)
})
