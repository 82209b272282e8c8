import { geoAlbersUsa } from 'd3-geo'
import t from 'tap'
import { type MapPoint, projectToMap } from '../../../api/insights/albers-usa.ts'

const reference = geoAlbersUsa().scale(1300).translate([487.5, 305])

t.test('every place of the map lies where the reference projection puts it, to a tenth', async (t) => {
  const misplaced: unknown[] = []
  let shown = 0
  for (let lng = -170; lng <= -65; lng += 1.7) {
    for (let lat = 18; lat <= 72; lat += 1.3) {
      const expected = reference([lng, lat])
      const point = projectToMap(lng, lat)
      if (point !== null) shown++
      if (!isSamePlace(point, expected)) misplaced.push({ lng, lat, point, expected })
    }
  }
  t.same(misplaced, [])
  t.ok(shown > 800, 'the grid covers the map')
})

t.test('Columbus lies in Ohio, Anchorage and Honolulu in their boxes, London nowhere', async (t) => {
  t.match(projectToMap(-83, 39.96), { x: 721.4, y: 260.9 })
  t.match(projectToMap(-149.9, 61.2), { x: 112.3, y: 544.4 })
  t.ok(projectToMap(-157.86, 21.3))
  t.equal(projectToMap(-0.13, 51.5), null)
})

function isSamePlace(point: MapPoint | null, expected: [number, number] | null): boolean {
  if (point === null || expected === null) return point === expected
  return Math.abs(point.x - expected[0]) <= 0.051 && Math.abs(point.y - expected[1]) <= 0.051
}
