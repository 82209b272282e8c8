import { type Static, Type } from 'typebox'

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
export const Cell = Type.String({
  pattern: '^[0-9a-f]{15}$',
  description: 'H3 index at resolution 6, lower-case hex',
})

const Place = {
  lat: Type.Number({ description: 'degrees' }),
  lng: Type.Number({ description: 'degrees' }),
  cell: Cell,
  state: Type.String(),
  county: Type.Optional(Type.String()),
  city: Type.Optional(Type.String()),
  street: Type.Optional(Type.String()),
  road_class: Type.Enum([...ROAD_CLASSES], { description: 'of street; unknown when there is none' }),
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
  duration_minutes: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'from start_time to end_time' }),
  ),
  ...Place,
  distance_mi: Type.Optional(Type.Number()),
  description: Type.Optional(Type.String()),
  weather_condition: Type.Optional(Type.String()),
  weather_class: Type.Enum([...WEATHER_CLASSES], {
    description: 'of weather_condition; unknown when that is absent or in no rule',
  }),
  temperature_f: Type.Optional(Type.Number()),
  visibility_mi: Type.Optional(Type.Number()),
  features: Type.Array(Type.String()),
  row_emitted_at: Type.Integer({ description: 'epoch ms at which the producer put the row' }),
  arrived_at: Type.Integer({
    description: 'epoch ms at which Kinesis took the row (ApproximateArrivalTimestamp)',
  }),
})
export type Accident = Static<typeof Accident>
