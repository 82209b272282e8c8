import { type Static, Type } from 'typebox'
import { Cell } from './accident.ts'

// What Flink makes of many accidents of one feed: the envelope's `window_start` and `window_end` say of which time. Where
// nothing happened there is no event.

const count = Type.Integer({ minimum: 1, description: 'accidents in the window' })
const weight = Type.Integer({ minimum: 1, description: 'sum of the severities of these accidents' })
const rank = (maximum: number, order: string) =>
  Type.Integer({ minimum: 1, maximum, description: `1 is the first by ${order}` })

/** One minute. */
export const StateSeverityMinute = Type.Object({
  state: Type.String(),
  severity: Type.Integer({ minimum: 1, maximum: 4 }),
  count,
})
export type StateSeverityMinute = Static<typeof StateSeverityMinute>

const lat = Type.Number({ description: "degrees, the cell's centre" })
const lng = Type.Number({ description: "degrees, the cell's centre" })

/** One of the first cells of ten minutes; there is such a window every minute. */
export const Hotspot = Type.Object({
  rank: rank(20, 'weight, then count, both descending, then cell'),
  cell: Cell,
  lat,
  lng,
  count,
  weight,
})
export type Hotspot = Static<typeof Hotspot>

/** One of the first cities, or one of the first counties, of an hour; there is such a window every minute. */
export const TopCity = Type.Object({
  level: Type.Enum(['city', 'county']),
  rank: rank(10, 'count, then weight, both descending, then state and name; each level has its own'),
  name: Type.String(),
  state: Type.String(),
  count,
  weight,
})
export type TopCity = Static<typeof TopCity>

const surge = {
  area_kind: Type.Enum(['state', 'cell']),
  area: Type.String({ description: 'postal code of the state, or H3 index of the cell' }),
  state: Type.String({
    description: "a cell's: the alphabetically first one among the accidents of the window",
  }),
  lat: Type.Optional(lat),
  lng: Type.Optional(lng),
  started_at: Type.Integer({ description: 'epoch ms: the end of the minute that raised it' }),
  expected: Type.Number({
    minimum: 0,
    description: 'accidents in five minutes that the baseline led to expect when it started',
  }),
  surprise: Type.Number({
    description: '-log10 of the probability of so many accidents or more under the baseline',
  }),
}

/** Far more accidents in five minutes than the area's own baseline leads to expect; told when it starts and ends. */
export const Surge = Type.Union([
  Type.Object({
    ...surge,
    phase: Type.Literal('started'),
    count: Type.Integer({ minimum: 1, description: 'accidents in the five minutes that raised it' }),
  }),
  Type.Object({
    ...surge,
    phase: Type.Literal('ended'),
    ended_at: Type.Integer({ description: 'epoch ms: the end of the minute that ended it' }),
    count: Type.Integer({ minimum: 1, description: 'the most accidents in five minutes while it lasted' }),
  }),
])
export type Surge = Static<typeof Surge>
