import type { Accident, EnvelopeOf, TallyCounts } from '../../lib/events/envelope.ts'

/** A minute's start, epoch ms. */
export const MINUTE = 1_795_000_020_000 - (1_795_000_020_000 % 60_000)

type Head = { feed?: string; eventTime?: number }

export function accident<T extends 'accident' | 'accident_late' = 'accident'>(
  seq: number,
  {
    feed = 'live-1',
    eventTime = MINUTE + 1,
    type = 'accident' as T,
    ...payload
  }: Head & { type?: T } & Partial<Accident> = {},
): EnvelopeOf<T> {
  return {
    id: `accident|${feed}|${seq}`,
    type,
    schema_version: 1,
    feed,
    event_time: eventTime,
    emitted_at: eventTime + 500,
    payload: {
      seq,
      accident_id: `A-${seq}`,
      severity: 2,
      start_time: '2016-02-08T05:46:00',
      weekday: 1,
      rush_hour: false,
      lat: 39.86,
      lng: -84.05,
      cell: '862a90747ffffff',
      state: 'OH',
      road_class: 'unknown',
      weather_class: 'unknown',
      features: [],
      row_emitted_at: eventTime,
      arrived_at: eventTime + 10,
      ...payload,
    },
  } as EnvelopeOf<T>
}

export function rejected(
  seq: number | undefined,
  id: string,
  { feed = 'live-1' }: Head = {},
): EnvelopeOf<'rejected'> {
  const bytes = Buffer.from(`{"broken": "${id}"`)
  return {
    id,
    type: 'rejected',
    schema_version: 1,
    feed,
    event_time: MINUTE,
    emitted_at: MINUTE,
    payload: {
      ...(seq === undefined ? {} : { seq, attempt: 1 }),
      reasons: ['not JSON'],
      shard_id: 'shardId-000000000000',
      sequence_number: '1',
      partition_key: 'key',
      bytes_base64: bytes.toString('base64'),
      bytes_length: bytes.length,
      bytes_sha256: '',
      arrived_at: MINUTE,
    },
  }
}

export function minuteWindow(
  count: number,
  {
    feed = 'live-1',
    state = 'OH',
    severity = 2,
    minute = MINUTE,
  }: { feed?: string; state?: string; severity?: number; minute?: number } = {},
): EnvelopeOf<'state_severity_minute'> {
  return {
    id: `state_severity_minute|${feed}|${minute}|${state}|${severity}`,
    type: 'state_severity_minute',
    schema_version: 1,
    feed,
    event_time: minute + 59_999,
    window_start: minute,
    window_end: minute + 60_000,
    emitted_at: minute + 90_000,
    payload: { state, severity, count },
  }
}

export function tally(
  counts: Partial<TallyCounts>,
  { feed = 'live-1', watermark = MINUTE }: { feed?: string; watermark?: number } = {},
): EnvelopeOf<'tally'> {
  const zero = { in: 0, resent: 0, rejected: 0, valid: 0, repeated: 0, unique: 0, on_time: 0, late: 0 }
  return {
    id: `tally|${feed}`,
    type: 'tally',
    schema_version: 1,
    feed,
    event_time: watermark,
    emitted_at: watermark,
    payload: { watermark, counts: { ...zero, ...counts } },
  }
}
