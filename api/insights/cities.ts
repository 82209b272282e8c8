import { type Static, Type } from 'typebox'
import type { TopCity } from '../../lib/events/aggregates.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { IsoTime, nullable, toIsoTimeOrNull } from '../field-types.ts'

const PlaceItem = Type.Object({
  rank: Type.Integer({ description: '1 is the first by count, then by weight' }),
  name: Type.String(),
  state: Type.String(),
  count: Type.Integer({ description: 'accidents in the hour' }),
  weight: Type.Integer({ description: 'sum of their severities' }),
})

export const CityInsight = Type.Object({
  feed: Type.String(),
  windowStart: nullable(IsoTime, 'null before the first window'),
  windowEnd: nullable(IsoTime, 'exclusive'),
  cities: Type.Array(PlaceItem, { description: 'by rank, at most 10' }),
  counties: Type.Array(PlaceItem, { description: 'by rank, at most 10' }),
})
export type CityInsight = Static<typeof CityInsight>

/** The first cities and counties of the newest hour that Flink has closed. */
export async function readCities(reader: InsightReader, feed: string): Promise<CityInsight> {
  const ranking = await reader.readTopCities(feed)
  const ofLevel = (level: TopCity['level']) =>
    (ranking?.items ?? [])
      .filter((item) => item.level === level)
      .map(({ rank, name, state, count, weight }) => ({ rank, name, state, count, weight }))
  return {
    feed,
    windowStart: toIsoTimeOrNull(ranking?.windowStart),
    windowEnd: toIsoTimeOrNull(ranking?.windowEnd),
    cities: ofLevel('city'),
    counties: ofLevel('county'),
  }
}
