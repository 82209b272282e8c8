import { type Static, Type } from 'typebox'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { IsoTime, MapPlace, nullable, toIsoTimeOrNull } from '../field-types.ts'
import { projectToMap } from './albers-usa.ts'

export const HotspotInsight = Type.Object({
  feed: Type.String(),
  windowStart: nullable(IsoTime, 'null before the first window'),
  windowEnd: nullable(IsoTime, 'exclusive'),
  items: Type.Array(
    Type.Object({
      rank: Type.Integer({ description: '1 is the first by weight, then by count' }),
      cell: Type.String({ description: 'H3 index at resolution 6, some 36 km²' }),
      lat: Type.Number({ description: "the cell's centre" }),
      lng: Type.Number(),
      map: MapPlace,
      count: Type.Integer({ description: 'accidents in the ten minutes' }),
      weight: Type.Integer({ description: 'sum of their severities' }),
    }),
    { description: 'by rank, at most 20' },
  ),
})
export type HotspotInsight = Static<typeof HotspotInsight>

/** The first cells of the newest ten minutes that Flink has closed. */
export async function readHotspots(reader: InsightReader, feed: string): Promise<HotspotInsight> {
  const ranking = await reader.readHotspots(feed)
  return {
    feed,
    windowStart: toIsoTimeOrNull(ranking?.windowStart),
    windowEnd: toIsoTimeOrNull(ranking?.windowEnd),
    items: (ranking?.items ?? []).map((item) => ({ ...item, map: projectToMap(item.lng, item.lat) })),
  }
}
