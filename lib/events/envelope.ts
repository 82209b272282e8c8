import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Accident } from './accident.ts'
import { Hotspot, StateSeverityMinute, Surge, TopCity } from './aggregates.ts'

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

export const Tally = Type.Object({
  watermark: Type.Integer({ description: 'epoch ms; every event up to here has been counted' }),
  counts: TallyCounts,
})
export type Tally = Static<typeof Tally>

/** Types whose events stand for a window of event time. */
const WINDOWED = {
  state_severity_minute: StateSeverityMinute,
  hotspot: Hotspot,
  top_cities: TopCity,
  surge: Surge,
} as const

const PAYLOADS = {
  accident: Accident,
  accident_late: Accident,
  rejected: Rejected,
  tally: Tally,
  ...WINDOWED,
} as const

export type EventType = keyof typeof PAYLOADS
export type WindowedType = keyof typeof WINDOWED
export const EVENT_TYPES = Object.keys(PAYLOADS) as EventType[]
export type PayloadOf<T extends EventType> = Static<(typeof PAYLOADS)[T]>

const head = {
  id: Type.String({
    minLength: 1,
    description: 'deterministic: the same input gives the same id in every run',
  }),
  schema_version: Type.Literal(1),
  feed: Type.String({ minLength: 1 }),
  event_time: Type.Integer({ description: "epoch ms on the replay's clock; a window's last millisecond" }),
  emitted_at: Type.Integer({ description: 'epoch ms at which Flink emitted it; not part of the id' }),
}

const window = {
  window_start: Type.Integer({ description: 'epoch ms, inclusive' }),
  window_end: Type.Integer({ description: 'epoch ms, exclusive' }),
}

/** One schema an event type, each a whole envelope; exported as JSON Schema for the Flink tests. */
export const ENVELOPES = Object.fromEntries(
  Object.entries(PAYLOADS).map(([type, payload]) => [
    type,
    Type.Object(
      { ...head, ...(type in WINDOWED ? window : {}), type: Type.Literal(type), payload },
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
  emitted_at: number
  payload: PayloadOf<T>
} & (T extends WindowedType ? { window_start: number; window_end: number } : unknown)
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
