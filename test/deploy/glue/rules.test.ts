import { gzipSync } from 'node:zlib'
import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import { partitionKeyOf, RawEvent } from '../../../lib/events/raw-event.ts'
import { utcStart } from '../../../lib/rules/utc-start.ts'
import { createJsonSplitter } from '../../../lib/sources/json-splitter.ts'
import { applyRules } from '../../support/glue/apply-rules.ts'

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const textOf = (encoded: string) => Buffer.from(encoded, 'base64').toString()

t.test(
  'a column of the contract is unknown to the Glue job, or it knows one that is in no contract',
  async (t) => {
    t.strictSame(applyRules([['knownFields', null]]), [Object.keys(RawEvent.properties).toSorted()])
  },
)

t.test('an object of the raw layer falls into other records than for a replay', async (t) => {
  const pieces = [
    '{"a":"}{\\"\\\\"}',
    '{"b":{"c":[1]}}',
    '\n',
    '\n',
    ' ',
    'rubbish',
    '{"open":"',
    '{"a":',
    '}',
    '{\n "d": 1\n}',
  ]
  const { pick } = randomAt(11, 0, 0)
  const texts = Array.from({ length: 400 }, () => Array.from({ length: 8 }, () => pick(pieces)).join(''))
  const answers = applyRules(texts.map((text) => ['split', base64(text)])) as [number, string][][]
  const otherwise = texts.filter((text, index) => {
    const splitter = createJsonSplitter('a')
    const rows = [...splitter.push(Buffer.from(text)), ...splitter.end()]
    const forReplay = rows.map(({ offset, bytes }) => [offset, bytes.toString().trimEnd()])
    const forTables = answers[index]?.map(([offset, data]) => [offset, textOf(data).trimEnd()])
    return JSON.stringify(forReplay) !== JSON.stringify(forTables)
  })
  t.same(otherwise, [])
})

t.test('what stands in an object that was joined, or is cut off or damaged, is lost', async (t) => {
  const [one, two] = [gzipSync('{"a":1}\n'), gzipSync('{"b":2}\n')]
  const damaged = Buffer.concat([one, Buffer.from('no gzip')])
  const answers = applyRules(
    [
      Buffer.from('{"a":1}'),
      Buffer.concat([one, two]),
      Buffer.concat([one, two.subarray(0, -9)]),
      damaged,
    ].map((body) => ['unpack', base64(body)]),
  ) as [string, string | null][]
  t.strictSame(
    answers.map(([text, fault]) => [textOf(text), fault]),
    [
      ['{"a":1}', null],
      ['{"a":1}\n{"b":2}\n', null],
      ['{"a":1}\n{"b":2}\n', 'the object is cut off'],
      ['{"a":1}\n', 'the object is damaged, and the rest cannot be unpacked'],
    ],
  )
})

t.test('two rows are one accident for the Glue job and two for the producer, or the other way', async (t) => {
  const { next, below } = randomAt(12, 0, 0)
  const degrees = () => Math.round((next() * 360 - 180) * 10 ** below(15)) / 10 ** below(15)
  const ties = [0.03125, -0.03125, 40.00005, 1.00005, -0.00001, 0, -0, 33.333349999999996, 1e-7]
  const events = [
    ...[...ties, ...Array.from({ length: 2_000 }, degrees)].map((lat) => ({
      start_time: '2016-02-08 05:46:00.000000000',
      start_lat: lat,
      start_lng: degrees(),
    })),
    { start_time: '2016-02-08T05:46:00', start_lat: 1.5, start_lng: 2 },
    { start_time: '05-04-2022 11:08', start_lat: 1.5, start_lng: 2, id: 'A-1' },
    { start_time: '2016-02-08 05:46:00', start_lat: 1.5, seq: 7 },
    { id: 'é'.repeat(300) },
  ]
  t.strictSame(
    applyRules(events.map((event) => ['key', event])),
    events.map((event) => partitionKeyOf(event as unknown as RawEvent)),
  )
})

const ZONES = [
  'US/Eastern',
  'US/Central',
  'US/Mountain',
  'US/Pacific',
  'America/Phoenix',
  'Asia/Kolkata',
  'UTC',
  'Mars/North',
]

t.test('a start is another moment in the tables than for a filter', async (t) => {
  const { next, pick, below } = randomAt(13, 0, 0)
  const two = (number: number) => `${Math.floor(number)}`.padStart(2, '0')
  const events = Array.from({ length: 4_000 }, () => {
    // In the hours in which clocks change more often than else, and on days that there are not.
    const month = pick(['03', '11', '02', two(1 + next() * 12)])
    const day = `${1_970 + below(80)}-${month}-${two(1 + next() * 31)}`
    const time = `0${below(5)}:${two(next() * 60)}:00${pick(['', '.000000000', '.516'])}`
    const start_time = `${day}${pick([' ', 'T'])}${time}`
    return { state: pick(['NY', 'AZ', 'LA', 'CA']), timezone: pick(ZONES), start_time }
  })
  const answers = applyRules(events.map((event) => ['utcStart', event]))
  const otherwise = events.filter((event, index) => (answers[index] ?? undefined) !== utcStart(event))
  t.same(otherwise, [])
})

t.test('a record that Flink refuses is taken, or for another reason', async (t) => {
  const valid = {
    feed: 'live-1',
    seq: 1,
    attempt: 1,
    event_time: 1_000,
    emitted_at: 1_000,
    id: 'A-1',
    severity: 2,
    start_time: '2016-02-08 05:46:00',
    start_lat: 40,
    start_lng: -84,
    state: 'OH',
    features: [],
  }
  const of = (fields: object) => JSON.stringify({ ...valid, ...fields })
  const cases: [record: string, ...reasons: string[]][] = [
    [of({})],
    [of({ street: null, severity: 3.0, colour: { dark: [true] } })],
    [of({ severity: 5 }), 'severity is not between 1 and 4'],
    [of({ severity: 2.5, tmc: 'x' }), 'severity is not a whole number', 'tmc is not a number'],
    [of({ severity: true, seq: 1.5 }), 'seq is not a whole number', 'severity is not a number'],
    [
      of({ state: 'Ohio', features: ['a', 1] }),
      'features is not a list of texts',
      'state is not two capital letters',
    ],
    [of({ features: {} }), 'features is not a list of texts'],
    [of({ event_time: 301_001 }), 'event_time is in the future'],
    [
      of({ start_lat: 0, end_lat: 1, end_lng: 1 }),
      'start is not in the United States',
      'end is not in the United States',
    ],
    [of({ end_time: '2016-02-08 05:46:00' }), 'end_time is not after start_time'],
    [
      of({ timezone: 'EST', start_time: '2016-02-30 05:46:00' }),
      'start_time is not a time',
      'timezone is not known',
    ],
    [of({ feed: 'x'.repeat(101) }), 'feed is longer than 100 characters'],
    [of({ feed: '', attempt: 0 }), 'feed is missing', 'attempt is missing'],
    [`${of({}).slice(0, -1)},"id":7}`, 'id is not text'],
    [of({ city: '\ud83d', features: ['\ude97'] }), 'features is not a list of texts', 'city is not text'],
    [of({ city: '\ud83d\ude97', features: ['\ud83d\ude97'] })],
    [`${of({}).slice(0, -1)},"tmc":NaN}`, 'the record is not JSON'],
    ['[1]', 'the record is not a JSON object', ...missing()],
    ['17', 'the record is not a JSON object', ...missing()],
    ['rubbish', 'the record is not JSON', ...missing()],
    ['{"feed":"live-1","seq":4,"id', 'the record is not JSON', ...missing('feed', 'seq')],
  ]
  const answers = applyRules(cases.map(([record]) => ['reasons', base64(record)]))
  t.strictSame(
    answers,
    cases.map(([, ...reasons]) => reasons),
  )

  function missing(...there: string[]): string[] {
    return Object.keys(valid)
      .filter((field) => field !== 'features' && !there.includes(field))
      .map((field) => `${field} is missing`)
  }
})
