import { type Static, Type } from 'typebox'
import type { InsightReader, ReceivedSurge } from '../../lib/insights/insight-reader.ts'
import { IsoTime, MapPlace, nullable, toIsoTime } from '../field-types.ts'
import { projectToMap } from './albers-usa.ts'

const SurgeItem = Type.Object({
  areaKind: Type.Enum(['state', 'cell']),
  area: Type.String({ description: 'postal code of the state, or H3 index of the cell' }),
  state: Type.String({ description: 'the state itself, or one in which the cell lies' }),
  lat: nullable(Type.Number(), "the cell's centre"),
  lng: nullable(Type.Number()),
  map: MapPlace,
  startedAt: { ...IsoTime, description: 'end of the minute that raised it' },
  endedAt: nullable(IsoTime, 'end of the minute that ended it; null while it is open'),
  windowStart: { ...IsoTime, description: 'of the five minutes that decided' },
  windowEnd: IsoTime,
  count: Type.Integer({
    description: 'accidents in the five minutes that raised it; when it is over, the most in five minutes',
  }),
  expected: Type.Number({
    description: 'accidents in five minutes that the baseline led to expect when it started',
  }),
  surprise: Type.Number({ description: '-log10 of the probability of so many or more' }),
})
export type SurgeItem = Static<typeof SurgeItem>

export const SurgeInsight = Type.Object({
  feed: Type.String(),
  open: Type.Array(SurgeItem, { description: 'newest start first' }),
  ended: Type.Array(SurgeItem, { description: 'newest end first' }),
})
export type SurgeInsight = Static<typeof SurgeInsight>

/** All open surges, and the last `limit` that are over. */
export async function readSurges(reader: InsightReader, feed: string, limit: number): Promise<SurgeInsight> {
  const items = (await reader.readSurges(feed)).map(describeSurge)
  const ended = items.filter((item) => item.endedAt !== null)
  return {
    feed,
    open: items.filter((item) => item.endedAt === null),
    ended: ended.sort((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? '')).slice(0, limit),
  }
}

function describeSurge(surge: ReceivedSurge): SurgeItem {
  const { lat = null, lng = null } = surge
  return {
    areaKind: surge.area_kind,
    area: surge.area,
    state: surge.state,
    lat,
    lng,
    map: lat === null || lng === null ? null : projectToMap(lng, lat),
    startedAt: toIsoTime(surge.started_at),
    endedAt: surge.phase === 'ended' ? toIsoTime(surge.ended_at) : null,
    windowStart: toIsoTime(surge.windowStart),
    windowEnd: toIsoTime(surge.windowEnd),
    count: surge.count,
    expected: surge.expected,
    surprise: surge.surprise,
  }
}
