import type { Group } from '../definition.ts'
import { SEVERITY, STATE } from '../labels.ts'

/** What happens on the roads, by the newest live feed: the last minute, hour or ten minutes that Flink has closed. */
export const roadMetrics = {
  title: 'The roads',
  from: ['watch'],
  metrics: {
    roads_accidents: {
      type: 'gauge',
      help: 'accidents of the last closed minute; absent where there were none',
      labels: { state: STATE, severity: SEVERITY },
    },
    roads_minute_timestamp_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'the start of that minute, as a Unix time',
      labels: {},
    },
    roads_surges_open: {
      type: 'gauge',
      help: 'areas with far more accidents than usual at present',
      labels: { area_kind: ['state', 'cell'] },
    },
    roads_hotspot_weight: {
      type: 'gauge',
      help: 'sum of the severities of the accidents of ten minutes in one of the first 20 cells',
      labels: {
        rank: { atMost: 20, what: 'ranks, from 1' },
        lat: { atMost: 20, what: 'latitudes of the centres of cells, in degrees' },
        lon: { atMost: 20, what: 'longitudes of them' },
      },
      // A window a minute; its 20 cells can all be others than those of the minute before.
      series: { atOnce: 20, aDay: 28_800 },
    },
    roads_city_accidents: {
      type: 'gauge',
      help: 'accidents of the last hour in one of the first 10 cities',
      labels: {
        rank: { atMost: 10, what: 'ranks, from 1' },
        city: { atMost: 10, what: 'names of cities' },
        state: { atMost: 10, what: 'their states' },
      },
      // An hour's ranking a minute: ranks change places, new cities are rare.
      series: { atOnce: 10, aDay: 14_400 },
    },
  },
} as const satisfies Group
