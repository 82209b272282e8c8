import t from 'tap'
import { readReplayRequest } from '../../../api/replays/replay-request.ts'
import { importPageModule } from '../../support/page-module.ts'

const { readReplay, readPace, fieldAt } = await importPageModule<{
  readReplay: (fields: FormData) => unknown
  readPace: (fields: FormData) => unknown
  fieldAt: (pointer: string) => string | undefined
}>('replays/replay-request.js')
const { createIdempotencyKeys } = await importPageModule<{
  createIdempotencyKeys: () => { of(body: unknown): string; forget(): void }
}>('replays/replay-dialogs.js')

function fields(values: Record<string, string | string[]>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) data.append(name, one)
  return data
}

const CSV = { source: 'csv', uri: ' s3://b/k.csv ', pace: 'max' }
const EMPTY = { name: '', states: '', ids: '', 'began-from': '', 'began-before': '', north: '', south: '' }

t.test('what is left empty is asked for all the same', async (t) => {
  t.same(readReplay(fields({ ...CSV, ...EMPTY })), {
    source: { kind: 'csv', uri: 's3://b/k.csv' },
    pace: { kind: 'max' },
  })
})

t.test('the form asks for something that the api does not take', async (t) => {
  const form = fields({
    source: 'raw-layer',
    'hour-from': '2026-11-23T10:00',
    'hour-to': '2026-11-23T11:00',
    'with-replays': 'all',
    pace: 'speed',
    factor: '60',
    name: 'Texas',
    states: 'tx, CA;ny',
    severity: ['3', '4'],
    ids: 'A-1\nA-2',
    'began-from': '2016-02-08T05:46',
    'began-before': '2016-02-09T00:00:30',
    north: '40',
    south: '-1.5',
    west: '-90',
    east: '0',
  })
  const wanted = {
    source: { kind: 'raw-layer', from: '2026-11-23T10', to: '2026-11-23T11', feeds: 'all' },
    filter: {
      from: '2016-02-08T05:46:00Z',
      to: '2016-02-09T00:00:30Z',
      states: ['TX', 'CA', 'NY'],
      severities: [3, 4],
      ids: ['A-1', 'A-2'],
      box: { north: 40, south: -1.5, west: -90, east: 0 },
    },
    pace: { kind: 'speed', factor: 60 },
    name: 'Texas',
  }
  t.same(readReplay(form), wanted)
  t.same(readReplayRequest(readReplay(form)), wanted, 'the api takes it as it is')
  t.same(readPace(fields({ pace: 'rate', 'rows-per-second': '0.5' })), { kind: 'rate', rowsPerSecond: 0.5 })
})

t.test('a box of which an edge is missing is a box to the equator', async (t) => {
  const form = fields({ ...CSV, north: '40', south: '', west: '-90', east: '-80' })
  t.throws(() => readReplayRequest(readReplay(form)), { errors: [{ pointer: '/body/filter/box/south' }] })
})

t.test('what the api finds wrong is put beside another field', async (t) => {
  t.equal(fieldAt('/body/filter/states/0'), 'states')
  t.equal(fieldAt('/body/source'), 'source')
  t.equal(fieldAt('/body/source/from'), 'hour-from')
  t.equal(fieldAt('/body/filter/box'), undefined, 'what belongs to no one field is said for the form')
})

t.test('the same request gets another key after a lost answer, or another one the same', async (t) => {
  const keys = createIdempotencyKeys()
  const first = keys.of(CSV)
  t.match(first, /^[0-9a-f]{32}$/)
  t.equal(keys.of({ ...CSV }), first)
  const second = keys.of({ ...CSV, name: 'x' })
  t.not(second, first)
  keys.forget()
  t.not(keys.of({ ...CSV, name: 'x' }), second, 'the same form again, once it was answered')
})
