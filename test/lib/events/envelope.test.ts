import { readFileSync } from 'node:fs'
import t from 'tap'
import { ROAD_CLASSES, WEATHER_CLASSES } from '../../../lib/events/accident.ts'
import { decodeEnvelope, EVENT_TYPES } from '../../../lib/events/envelope.ts'
import { readSchemaFile, renderSchemaFiles } from '../../../lib/events/schema-files.ts'
import { hotspot, MINUTE, surge, topCity } from '../../support/envelopes.ts'

const tally = {
  id: 'tally|live-1',
  type: 'tally',
  schema_version: 1,
  feed: 'live-1',
  event_time: 1_700_000_000_000,
  emitted_at: 1_700_000_000_500,
  payload: {
    watermark: 1_700_000_000_000,
    counts: { in: 9, resent: 1, rejected: 2, valid: 6, repeated: 1, unique: 5, on_time: 4, late: 1 },
  },
}
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))

t.test('an envelope of stream 2 is not understood', async (t) => {
  t.strictSame(decodeEnvelope(bytes(tally)), { envelope: tally })
})

t.test('bytes that are no envelope throw and stop the stream', async (t) => {
  t.match(decodeEnvelope(Buffer.from('{"a":')), { fault: /not JSON/ })
  t.match(decodeEnvelope(bytes(null)), { fault: /no field "type"/ })
  t.match(decodeEnvelope(bytes({ ...tally, payload: {} })), {
    fault: /not a valid tally: .*(watermark|counts)/,
  })
  t.match(decodeEnvelope(bytes({ ...tally, schema_version: 2 })), {
    fault: /not a valid tally: \/schema_version/,
  })
})

t.test('a window without bounds, or a surge without its end, is taken for an event', async (t) => {
  for (const event of [hotspot(1), topCity(10), surge('OH'), surge('OH', { endedAt: MINUTE + 1 })]) {
    t.strictSame(decodeEnvelope(bytes(event)), { envelope: event }, event.id)
    t.match(decodeEnvelope(bytes({ ...event, window_end: undefined })), { fault: /not a valid/ })
  }
  t.match(decodeEnvelope(bytes(hotspot(21))), { fault: /not a valid hotspot: \/payload\/rank/ })
  t.match(decodeEnvelope(bytes(surge('OH', { area_kind: 'city' as 'cell' }))), { fault: /not a valid/ })
  const { payload } = surge('OH')
  t.match(decodeEnvelope(bytes({ ...surge('OH'), payload: { ...payload, phase: 'ended' } })), {
    fault: /not a valid surge/,
  })
})

t.test('a class that the rules give is none of the contract', async (t) => {
  for (const [rules, classes] of [
    ['weather', WEATHER_CLASSES],
    ['roads', ROAD_CLASSES],
  ] as const) {
    const file = new URL(`../../../lib/rules/${rules}.json`, import.meta.url)
    const given: { class: string }[] = JSON.parse(readFileSync(file, 'utf8')).classes
    t.strictSame([...new Set([...given.map((rule) => rule.class), 'unknown'])].sort(), classes)
  }
})

t.test('a type that a newer Flink job emits is taken for a fault', async (t) => {
  t.strictSame(decodeEnvelope(bytes({ ...tally, type: 'hotspot_v2' })), { unknownType: 'hotspot_v2' })
})

t.test('the JSON Schema files that Flink is tested against differ from the schemas here', async (t) => {
  for (const [name, text] of renderSchemaFiles()) {
    t.equal(readSchemaFile(name), text, `${name} is current (npm run schemas)`)
  }
  t.strictSame(
    [...renderSchemaFiles().keys()].sort(),
    ['raw-event', ...EVENT_TYPES].map((n) => `${n}.json`).sort(),
  )
})
