import t from 'tap'
import { Problem } from '../../../api/problems.ts'
import { fingerprintOf, type ReplayRequest, readReplayRequest } from '../../../api/replays/replay-request.ts'

const CSV = { source: { kind: 'csv', uri: 's3://b/a.csv' }, pace: { kind: 'max' } }
const RAW = { ...CSV, source: { kind: 'raw-layer', from: '2026-11-23T10', to: '2026-11-23T11' } }

/** Status and, for each fault, the place it names. */
function refusalOf(body: unknown): [number, ...string[]] {
  try {
    readReplayRequest(body)
  } catch (error) {
    if (error instanceof Problem) return [error.status, ...error.errors.map(({ pointer }) => pointer)]
    throw error
  }
  throw new Error('it was taken')
}

t.test('a request that makes sense is refused', async (t) => {
  t.same(readReplayRequest(CSV), CSV)
  t.ok(readReplayRequest({ ...RAW, name: 'n', pace: { kind: 'rate', rowsPerSecond: 0.5 } }))
  t.ok(readReplayRequest({ ...RAW, filter: { states: ['TX'], from: '2020-01-01T00:00:00Z' } }))
})

t.test('what makes no sense is taken, or not all of it is named at once', async (t) => {
  t.same(refusalOf({ ...CSV, pace: { kind: 'rate', rowsPerSecond: 0 } }), [422, '/body/pace/rowsPerSecond'])
  t.same(
    refusalOf({
      source: { ...CSV.source, uri: 'a.csv' },
      pace: { kind: 'rate', rowsPerSecond: -1 },
      filter: { severities: [5], from: 'yesterday' },
      name: '',
    }),
    [
      422,
      '/body/source/uri',
      '/body/filter/from',
      '/body/filter/severities/0',
      '/body/pace/rowsPerSecond',
      '/body/name',
    ],
  )
  t.same(refusalOf({ ...CSV, filter: { states: ['TX', 'ZZ'] } }), [422, '/body/filter/states/1'])
  t.same(refusalOf({ ...RAW, source: { ...RAW.source, to: '2026-11-23T09' } }), [422, '/body/source/to'])
  t.same(refusalOf({ ...RAW, source: { ...RAW.source, from: '2026-11-23', to: '25' } }), [
    422,
    '/body/source/from',
    '/body/source/to',
  ])
  t.same(refusalOf({ ...CSV, filter: { from: '2021-01-01T00:00:00Z', to: '2020-01-01T00:00:00Z' } }), [
    422,
    '/body/filter/to',
  ])
})

t.test('a field that is misspelt is dropped, and more is replayed than was asked for', async (t) => {
  t.same(refusalOf({ ...CSV, filter: { state: ['TX'] } }), [400, '/body/filter/state'])
  t.same(refusalOf({ ...CSV, fliter: {} }), [400, '/body/fliter'])
  t.same(refusalOf({ ...CSV, pace: { kind: 'max', rowsPerSecond: 5 } }), [400, '/body/pace/rowsPerSecond'])
  t.same(refusalOf({ ...CSV, pace: { kind: 'fast' } }), [400, '/body/pace'])
  t.same(refusalOf({ ...CSV, pace: { kind: 'rate', rowsPerSecond: '5' } }), [400, '/body/pace/rowsPerSecond'])
  t.same(refusalOf({ pace: { kind: 'max' } }), [400, '/body/source'])
  t.same(refusalOf({ ...CSV, source: { kind: 'csv', path: 'x' } }).slice(0, 1), [400])
  t.same(refusalOf([]), [400])
  t.same(refusalOf(null), [400])
})

t.test('the same request in another order of its fields has another fingerprint', async (t) => {
  const request = { ...CSV, filter: { states: ['TX'], severities: [1] } } as unknown as ReplayRequest
  const reordered = {
    filter: { severities: [1], states: ['TX'] },
    pace: CSV.pace,
    source: { uri: 's3://b/a.csv', kind: 'csv' },
  }
  t.equal(fingerprintOf(request), fingerprintOf(reordered as unknown as ReplayRequest))
  t.not(fingerprintOf(request), fingerprintOf(CSV as ReplayRequest))
})
