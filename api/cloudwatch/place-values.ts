import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { CityInsight } from '../insights/cities.ts'
import { datum } from './datum.ts'

/** The first `top` cities and counties of the newest hour. Each that was ever among them is a metric of its own. */
export function placeValues({ windowEnd, cities, counties }: CityInsight, top: number): MetricDatum[] {
  if (windowEnd === null) return []
  const at = Date.parse(windowEnd)
  const values = (dimension: 'City' | 'County', places: CityInsight['cities']) =>
    places
      .slice(0, top)
      .map(({ name, state, count }) =>
        datum('AccidentsLastHour', { [dimension]: `${name}, ${state}` }, count, at),
      )
  return [...values('City', cities), ...values('County', counties)]
}
