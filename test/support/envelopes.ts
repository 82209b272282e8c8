import type { Accident } from '../../lib/events/accident.ts'
import type { Hotspot, Surge, TopCity } from '../../lib/events/aggregates.ts'
import type { EnvelopeOf, TallyCounts, WindowedType } from '../../lib/events/envelope.ts'

/** A minute's start, epoch ms. */
export const MINUTE = 1_795_000_020_000 - (1_795_000_020_000 % 60_000)

type Head = { feed?: string; eventTime?: number }
type WindowHead = { feed?: string; windowEnd?: number }

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
      state: 'OH',
      cell: '862a90747ffffff',
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

/** `windowEnd`: epoch ms. */
export function hotspot(
  rank: number,
  { feed = 'live-1', windowEnd = MINUTE, ...payload }: WindowHead & Partial<Hotspot> = {},
): EnvelopeOf<'hotspot'> {
  return {
    ...windowed('hotspot', `hotspot|${feed}|${windowEnd}|${rank}`, { feed, windowEnd, minutes: 10 }),
    payload: { rank, cell: '862a90747ffffff', lat: 39.86, lng: -84.05, count: 3, weight: 7, ...payload },
  }
}

export function topCity(
  rank: number,
  { feed = 'live-1', windowEnd = MINUTE, ...payload }: WindowHead & Partial<TopCity> = {},
): EnvelopeOf<'top_cities'> {
  const level = payload.level ?? 'city'
  const id = `top_cities|${feed}|${windowEnd}|${level}|${rank}`
  return {
    ...windowed('top_cities', id, { feed, windowEnd, minutes: 60 }),
    payload: { level, rank, name: 'Dayton', state: 'OH', count: 3, weight: 7, ...payload },
  }
}

/** With `endedAt` (epoch ms) that it is over, else that it has started. */
export function surge(
  area: string,
  {
    feed = 'live-1',
    startedAt = MINUTE,
    endedAt,
    ...payload
  }: {
    feed?: string
    startedAt?: number
    endedAt?: number
  } & Partial<Omit<Surge, 'phase' | 'area' | 'started_at'>> = {},
): EnvelopeOf<'surge'> {
  const common = {
    area_kind: 'state',
    area,
    state: area,
    started_at: startedAt,
    count: 12,
    expected: 1.5,
    surprise: 7.25,
    ...payload,
  } as const
  const phase = endedAt === undefined ? 'started' : 'ended'
  const id = `surge|${feed}|${common.area_kind}|${area}|${startedAt}|${phase}`
  return {
    ...windowed('surge', id, { feed, windowEnd: endedAt ?? startedAt, minutes: 5 }),
    payload:
      endedAt === undefined
        ? { ...common, phase: 'started' }
        : { ...common, phase: 'ended', ended_at: endedAt },
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

function windowed<T extends WindowedType>(
  type: T,
  id: string,
  { feed, windowEnd, minutes }: { feed: string; windowEnd: number; minutes: number },
) {
  return {
    id,
    type,
    schema_version: 1,
    feed,
    event_time: windowEnd - 1,
    window_start: windowEnd - minutes * 60_000,
    window_end: windowEnd,
    emitted_at: windowEnd + 30_000,
  } as const
}
