import t from 'tap'
import { COLUMNS } from '../../../lib/events/columns.ts'
import type { Feed } from '../../../lib/feeds/feed.ts'
import { createRowSplitter } from '../../../lib/sources/row-splitter.ts'
import { encodeRow } from '../../../workers/producer/encode-row.ts'

const FEED: Feed = {
  name: 'live-3',
  kind: 'live',
  state: 'running',
  createdAt: 0,
  source: { kind: 'csv', bucket: 'b', key: 'k.csv', etag: '"1"', bytes: 1_000 },
  pace: { kind: 'max' },
  repeat: false,
}
const NOW = 1_795_415_573_418

function encode(values: Record<string, string>, feed = FEED) {
  const text = COLUMNS.map(({ header }) => values[header] ?? '').join(',')
  const splitter = createRowSplitter({ offset: 700, line: 2, fields: COLUMNS.length })
  splitter.push(Buffer.from(text))
  const [row] = splitter.end()
  if (row === undefined) throw new Error('no row')
  return encodeRow(row, { feed, columns: COLUMNS, fits: () => true }, { seq: 9, now: NOW })
}

const ACCIDENT = {
  ID: 'A-1',
  Start_Time: '2016-02-08 05:46:00',
  Start_Lat: '39.865147',
  Start_Lng: '-84.058723',
}

function recordOf(values: Record<string, string>, feed = FEED) {
  const encoded = encode(values, feed)
  if (!('record' in encoded)) throw new Error('refused')
  return encoded.record
}

t.test('a record is one line of JSON with its feed, row, and the moments of release and put', async (t) => {
  const text = Buffer.from(recordOf({ ...ACCIDENT, Street: ' Main St', Junction: 'True' }).data).toString()
  t.match(text, /^[^\n]*\n$/)
  t.match(JSON.parse(text), {
    feed: 'live-3',
    seq: 9,
    attempt: 1,
    event_time: NOW,
    emitted_at: NOW,
    id: 'A-1',
    start_lat: 39.865147,
    street: ' Main St',
    features: ['junction'],
  })
})

t.test(
  'copies of an accident under another id, with other decimals and form of time, go to one shard',
  async (t) => {
    const copy = {
      ...ACCIDENT,
      ID: 'A-2',
      Start_Time: '2016-02-08 05:46:00.000000000',
      Start_Lat: '39.8651470000003',
    }
    t.equal(recordOf(copy).partitionKey, recordOf(ACCIDENT).partitionKey)
    t.not(
      recordOf({ ...ACCIDENT, Start_Time: '2016-02-08 05:46:01' }).partitionKey,
      recordOf(ACCIDENT).partitionKey,
    )
    t.equal(recordOf({ ID: 'A-7', Start_Time: 'soon' }).partitionKey, 'A-7')
    t.equal(recordOf({}).partitionKey, '9')
  },
)

t.test('an event that is late on purpose is dated back, and says when it was put all the same', async (t) => {
  const late = { ...FEED, lateness: { share: 1, maxSeconds: 60, seed: 1 } }
  const event = JSON.parse(Buffer.from(recordOf(ACCIDENT, late).data).toString()) as Record<string, number>
  t.ok((event['event_time'] ?? 0) < NOW && (event['event_time'] ?? 0) >= NOW - 60_000)
  t.equal(event['emitted_at'], NOW)
})

t.test('a dead letter says where the row is and keeps its bytes', async (t) => {
  t.match(encode({ ...ACCIDENT, Street: 'a,b' }), {
    letter: {
      origin: 'row',
      reason: 'has 47 fields where the header has 46',
      feed: 'live-3',
      seq: 9,
      file: 's3://b/k.csv',
      line: 2,
      offset: 700,
      bytes: /^A-1,/,
    },
  })
})

t.test('a row too large for Kinesis is put aside as oversize, one that just fits is not', async (t) => {
  const spare = 1_048_576 - recordOf(ACCIDENT).data.byteLength - recordOf(ACCIDENT).partitionKey.length
  const street = (length: number) => ({ ...ACCIDENT, Street: 'x'.repeat(length) })
  const overhead = '"street":"",'.length
  t.match(encode(street(spare - overhead)), { record: {} })
  t.match(encode(street(spare - overhead + 1)), { letter: { origin: 'oversize', reason: /1048577 bytes/ } })
})
