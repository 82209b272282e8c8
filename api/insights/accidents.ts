import { type Static, Type } from 'typebox'
import { ROAD_CLASSES, WEATHER_CLASSES } from '../../lib/events/accident.ts'
import type { ReceivedAccident } from '../../lib/insights/insight-reader.ts'
import { IsoTime, MapPlace, nullable, toIsoTime } from '../field-types.ts'
import { projectToMap } from './albers-usa.ts'

export const AccidentItem = Type.Object({
  id: Type.String({ description: 'the same for the same accident, however often it was sent' }),
  seq: Type.Integer({ description: 'row number in the source' }),
  accidentId: Type.String(),
  severity: Type.Integer({ minimum: 1, maximum: 4 }),
  late: Type.Boolean({ description: 'arrived too late for its minute, and counted by itself' }),
  eventTime: IsoTime,
  emittedAt: { ...IsoTime, description: 'when the producer put the row' },
  receivedAt: { ...IsoTime, description: 'when it could be read here' },
  startTime: Type.String({ description: 'local time of the accident, without an offset' }),
  startTimeUtc: nullable(Type.String()),
  timezone: nullable(Type.String()),
  weekday: Type.Integer({ minimum: 1, maximum: 7, description: '1 is Monday, local time' }),
  rushHour: Type.Boolean({ description: 'it began in a rush hour, local time' }),
  durationMinutes: nullable(Type.Number(), 'null when its end is not known'),
  lat: Type.Number(),
  lng: Type.Number(),
  map: MapPlace,
  cell: Type.String({ description: 'H3 index at resolution 6, some 36 km²' }),
  state: Type.String(),
  county: nullable(Type.String()),
  city: nullable(Type.String()),
  street: nullable(Type.String()),
  roadClass: Type.Enum([...ROAD_CLASSES], { description: 'by the name of the street' }),
  description: nullable(Type.String()),
  weatherCondition: nullable(Type.String(), "the dataset's own words"),
  weatherClass: Type.Enum([...WEATHER_CLASSES]),
  features: Type.Array(Type.String()),
})
export type AccidentItem = Static<typeof AccidentItem>

export const AccidentList = Type.Object({
  feed: Type.String(),
  items: Type.Array(AccidentItem, { description: 'newest first' }),
})

export function describeAccident(accident: ReceivedAccident): AccidentItem {
  return {
    id: accident.id,
    seq: accident.seq,
    accidentId: accident.accident_id,
    severity: accident.severity,
    late: accident.late,
    eventTime: toIsoTime(accident.eventTime),
    emittedAt: toIsoTime(accident.row_emitted_at),
    receivedAt: toIsoTime(receivedAt(accident.streamId)),
    startTime: accident.start_time,
    startTimeUtc: accident.start_time_utc ?? null,
    timezone: accident.timezone ?? null,
    weekday: accident.weekday,
    rushHour: accident.rush_hour,
    durationMinutes: accident.duration_minutes ?? null,
    lat: accident.lat,
    lng: accident.lng,
    map: projectToMap(accident.lng, accident.lat),
    cell: accident.cell,
    state: accident.state,
    county: accident.county ?? null,
    city: accident.city ?? null,
    street: accident.street ?? null,
    roadClass: accident.road_class,
    description: accident.description ?? null,
    weatherCondition: accident.weather_condition ?? null,
    weatherClass: accident.weather_class,
    features: accident.features,
  }
}

/** Redis begins the id of a stream's entry with the time at which it was added. */
function receivedAt(streamId: string): number {
  return Number(streamId.split('-', 1)[0])
}
