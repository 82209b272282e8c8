import t from 'tap'
import { Compile } from 'typebox/compile'
import { COLUMNS } from '../../../lib/events/columns.ts'
import { encodeRawEvent, partitionKeyOf, RawEvent, toRawEvent } from '../../../lib/events/raw-event.ts'

const origin = { feed: 'live-1', seq: 7, attempt: 1, eventTime: 1_700_000_000_000 }

function row(values: Record<string, string>): string[] {
  return COLUMNS.map((column) => values[column.header] ?? '')
}

const accident = {
  ID: 'A-1',
  Source: 'Source2',
  Severity: '3',
  Start_Time: '2016-02-08 05:46:00',
  Start_Lat: '39.865147',
  Start_Lng: '-84.058723',
  'Distance(mi)': '0.01',
  Zipcode: '02139',
  Junction: 'True',
  Bump: 'False',
}

t.test('a row loses a value, its type or its place in the source', async (t) => {
  const event = toRawEvent(row(accident), COLUMNS, origin)
  t.ok(Compile(RawEvent).Check(event))
  t.match(event, {
    feed: 'live-1',
    seq: 7,
    attempt: 1,
    event_time: 1_700_000_000_000,
    id: 'A-1',
    severity: 3,
    start_time: '2016-02-08 05:46:00',
    start_lat: 39.865147,
    distance_mi: 0.01,
    zipcode: '02139',
    features: ['junction'],
  })
  t.notOk('end_time' in event, 'an empty column is absent')
})

t.test('a number that does not read as one is lost or becomes NaN instead of staying text', async (t) => {
  for (const text of ['three', '1e5', '0x10', '12,5', 'NaN', ' 3']) {
    t.equal(toRawEvent(row({ ...accident, Severity: text }), COLUMNS, origin).severity, text)
  }
})

t.test('copies of one accident under new ids go to different shards', async (t) => {
  const key = (values: Record<string, string>) =>
    partitionKeyOf(toRawEvent(row({ ...accident, ...values }), COLUMNS, origin))
  t.equal(key({}), '2016-02-08T05:46:00|39.8651|-84.0587')
  t.equal(key({ ID: 'A-9', Start_Time: '2016-02-08 05:46:00.000000000' }), key({}))
  t.equal(key({ Start_Lat: '39.865149999', Start_Time: '2016-02-08T05:46:00' }), key({}))
  t.not(key({ Start_Time: '2016-02-08 05:46:01' }), key({}))
})

t.test('a row without a readable time or place has no partition key', async (t) => {
  const without = (values: Record<string, string>) =>
    partitionKeyOf(toRawEvent(row({ ...accident, ...values }), COLUMNS, origin))
  t.equal(without({ Start_Time: 'yesterday' }), 'A-1')
  t.equal(without({ Start_Lat: '' }), 'A-1')
  t.equal(without({ Start_Lat: 'x', ID: '' }), '7')
  t.equal(without({ Start_Lat: 'x', ID: 'A'.repeat(300) }).length, 256, 'Kinesis refuses longer keys')
})

t.test('a record is not one line, so that the raw layer is not JSON lines', async (t) => {
  const event = toRawEvent(row({ ...accident, Description: 'two\nlines' }), COLUMNS, origin)
  const text = encodeRawEvent(event).toString()
  t.equal(text.indexOf('\n'), text.length - 1)
  t.strictSame(JSON.parse(text), event)
})
