import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** Counts of one feed inside Flink (DESIGN section 3): in = resent + rejected + valid, and so on, in every tally. */
export const TallyCounts = Type.Object({
  in: Type.Integer({ minimum: 0 }),
  resent: Type.Integer({ minimum: 0 }),
  rejected: Type.Integer({ minimum: 0 }),
  valid: Type.Integer({ minimum: 0 }),
  repeated: Type.Integer({ minimum: 0 }),
  unique: Type.Integer({ minimum: 0 }),
  on_time: Type.Integer({ minimum: 0 }),
  late: Type.Integer({ minimum: 0 }),
})
export type TallyCounts = Static<typeof TallyCounts>

const literals = <const T extends string>(values: readonly T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)))

/** What the weather was like, by the rules of lib/rules/weather.json; haze is dust and smoke too. */
export const WEATHER_CLASSES = [
  'clear',
  'cloudy',
  'fog',
  'haze',
  'ice',
  'rain',
  'snow',
  'thunderstorm',
  'unknown',
  'windy',
] as const

/** Whose road it is, by the rules of lib/rules/roads.json. */
export const ROAD_CLASSES = [
  'county_road',
  'interstate',
  'local',
  'state_route',
  'unknown',
  'us_route',
] as const

/** An H3 cell of resolution 6 (some 36 km²), as its address. */
const Cell = Type.String({ pattern: '^[0-9a-f]{15}$', description: 'H3 cell of resolution 6' })

const Place = {
  lat: Type.Number(),
  lng: Type.Number(),
  cell: Cell,
  state: Type.String(),
  county: Type.Optional(Type.String()),
  city: Type.Optional(Type.String()),
  street: Type.Optional(Type.String()),
  road_class: literals(ROAD_CLASSES),
  zipcode: Type.Optional(Type.String()),
}

/** A cleaned accident. Local times are ISO without an offset; `start_time_utc` is ISO ending in Z. */
export const Accident = Type.Object({
  seq: Type.Integer({ minimum: 1 }),
  accident_id: Type.String({ description: "the dataset's id, A-1" }),
  source: Type.Optional(Type.String()),
  severity: Type.Integer({ minimum: 1, maximum: 4 }),
  start_time: Type.String(),
  end_time: Type.Optional(Type.String()),
  start_time_utc: Type.Optional(Type.String()),
  timezone: Type.Optional(Type.String({ description: 'IANA zone after correction' })),
  weekday: Type.Integer({ minimum: 1, maximum: 7, description: 'of the local start; 1 is Monday' }),
  rush_hour: Type.Boolean({ description: 'by the local start and lib/rules/rush-hours.json' }),
  duration_minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  ...Place,
  distance_mi: Type.Optional(Type.Number()),
  description: Type.Optional(Type.String()),
  weather_condition: Type.Optional(Type.String()),
  weather_class: literals(WEATHER_CLASSES),
  temperature_f: Type.Optional(Type.Number()),
  visibility_mi: Type.Optional(Type.Number()),
  features: Type.Array(Type.String()),
  row_emitted_at: Type.Integer({ description: 'epoch ms at which the producer put the row' }),
  arrived_at: Type.Integer({
    description: 'epoch ms at which Kinesis took the row (ApproximateArrivalTimestamp)',
  }),
})
export type Accident = Static<typeof Accident>

export const Rejected = Type.Object({
  seq: Type.Optional(Type.Integer({ minimum: 1 })),
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  reasons: Type.Array(Type.String(), { minItems: 1 }),
  shard_id: Type.String(),
  sequence_number: Type.String(),
  partition_key: Type.String(),
  bytes_base64: Type.String({ description: 'at most the first 64 KiB' }),
  bytes_length: Type.Integer({ minimum: 0 }),
  bytes_sha256: Type.String(),
  arrived_at: Type.Integer(),
})
export type Rejected = Static<typeof Rejected>

export const StateSeverityMinute = Type.Object({
  state: Type.String(),
  severity: Type.Integer({ minimum: 1, maximum: 4 }),
  count: Type.Integer({ minimum: 1 }),
})
export type StateSeverityMinute = Static<typeof StateSeverityMinute>

export const Tally = Type.Object({
  watermark: Type.Integer({ description: 'epoch ms; every event up to here has been counted' }),
  counts: TallyCounts,
})
export type Tally = Static<typeof Tally>

const PAYLOADS = {
  accident: Accident,
  accident_late: Accident,
  rejected: Rejected,
  state_severity_minute: StateSeverityMinute,
  tally: Tally,
} as const

export type EventType = keyof typeof PAYLOADS
export const EVENT_TYPES = Object.keys(PAYLOADS) as EventType[]
export type PayloadOf<T extends EventType> = Static<(typeof PAYLOADS)[T]>

const head = {
  id: Type.String({
    minLength: 1,
    description: 'deterministic: the same input gives the same id in every run',
  }),
  schema_version: Type.Literal(1),
  feed: Type.String({ minLength: 1 }),
  event_time: Type.Integer({ description: "epoch ms on the replay's clock" }),
  window_start: Type.Optional(Type.Integer({ description: 'epoch ms, inclusive' })),
  window_end: Type.Optional(Type.Integer({ description: 'epoch ms, exclusive' })),
  emitted_at: Type.Integer({ description: 'epoch ms at which Flink emitted it; not part of the id' }),
}

/** One schema an event type, each a whole envelope; exported as JSON Schema for the Flink tests. */
export const ENVELOPES = Object.fromEntries(
  Object.entries(PAYLOADS).map(([type, payload]) => [
    type,
    Type.Object(
      { ...head, type: Type.Literal(type), payload },
      { $id: type, title: `Envelope of ${type} (stream 2)` },
    ),
  ]),
)

export type EnvelopeOf<T extends EventType> = {
  id: string
  type: T
  schema_version: 1
  feed: string
  event_time: number
  window_start?: number
  window_end?: number
  emitted_at: number
  payload: PayloadOf<T>
}
export type Envelope = { [T in EventType]: EnvelopeOf<T> }[EventType]

const VALIDATORS = new Map(Object.entries(ENVELOPES).map(([type, schema]) => [type, Compile(schema)]))

export type DecodedEnvelope = { envelope: Envelope } | { unknownType: string } | { fault: string }

/** Reads a record of stream 2. Never throws: what is wrong with the bytes comes back as `fault`. */
export function decodeEnvelope(data: Uint8Array): DecodedEnvelope {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'))
  } catch (error) {
    return { fault: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string') return { fault: 'no field "type"' }
  const validator = VALIDATORS.get(type)
  if (validator === undefined) return { unknownType: type }
  if (!validator.Check(value)) {
    const [first] = validator.Errors(value)
    return {
      fault: `not a valid ${type}: ${first?.instancePath ?? ''} ${first?.message ?? 'schema mismatch'}`,
    }
  }
  return { envelope: value as Envelope }
}
