/**
 * Where a place lies on the page's map: the composite projection Albers USA, scale 1300 in a frame of 975 x 610, which
 * is what the baked map was drawn with (`api/page/bake-map.ts`). Alaska (at 0.35 of the scale) and Hawaii lie in boxes
 * below California. Source: d3-geo `geoAlbersUsa`; the standard parallels are those of the USGS.
 */
export const MAP_WIDTH = 975
export const MAP_HEIGHT = 610

const SCALE = 1300
const CENTER_X = MAP_WIDTH / 2
const CENTER_Y = MAP_HEIGHT / 2
const RADIANS = Math.PI / 180

export type MapPoint = { x: number; y: number }

/** Units of the map from its upper left corner, to one decimal; null for a place that the map does not show. */
export function projectToMap(lng: number, lat: number): MapPoint | null {
  for (const inset of INSETS) {
    const point = inset(lng, lat)
    if (point !== null) return point
  }
  return null
}

type Inset = (lng: number, lat: number) => MapPoint | null

/** Distances of `at` and `box` are in units of the whole map's scale, from its centre. */
function createInset(settings: {
  parallels: [number, number]
  meridian: number
  center: [number, number]
  scale: number
  at: [number, number]
  box: { left: number; top: number; right: number; bottom: number }
}): Inset {
  const raw = createConicEqualArea(settings.parallels)
  const origin = raw(settings.center[0] * RADIANS, settings.center[1] * RADIANS)
  const scale = SCALE * settings.scale
  const { box } = settings
  return (lng, lat) => {
    const turned = ((((lng + settings.meridian + 180) % 360) + 360) % 360) - 180
    const point = raw(turned * RADIANS, lat * RADIANS)
    const x = settings.at[0] * SCALE + (point.x - origin.x) * scale
    const y = settings.at[1] * SCALE - (point.y - origin.y) * scale
    const isInside =
      x >= box.left * SCALE && x <= box.right * SCALE && y >= box.top * SCALE && y <= box.bottom * SCALE
    return isInside ? { x: toTenth(CENTER_X + x), y: toTenth(CENTER_Y + y) } : null
  }
}

/** Albers' conic equal-area projection of the unit sphere; radians in, radii out, y upwards. */
function createConicEqualArea([south, north]: [number, number]): (lambda: number, phi: number) => MapPoint {
  const sinSouth = Math.sin(south * RADIANS)
  const n = (sinSouth + Math.sin(north * RADIANS)) / 2
  const c = 1 + sinSouth * (2 * n - sinSouth)
  const r0 = Math.sqrt(c) / n
  return (lambda, phi) => {
    const r = Math.sqrt(c - 2 * n * Math.sin(phi)) / n
    return { x: r * Math.sin(n * lambda), y: r0 - r * Math.cos(n * lambda) }
  }
}

function toTenth(value: number): number {
  return Math.round(value * 10) / 10
}

const INSETS: readonly Inset[] = [
  createInset({
    parallels: [29.5, 45.5],
    meridian: 96,
    center: [-0.6, 38.7],
    scale: 1,
    at: [0, 0],
    box: { left: -0.455, top: -0.238, right: 0.455, bottom: 0.238 },
  }),
  createInset({
    parallels: [55, 65],
    meridian: 154,
    center: [-2, 58.5],
    scale: 0.35,
    at: [-0.307, 0.201],
    box: { left: -0.425, top: 0.12, right: -0.214, bottom: 0.234 },
  }),
  createInset({
    parallels: [8, 18],
    meridian: 157,
    center: [-3, 19.9],
    scale: 1,
    at: [-0.205, 0.212],
    box: { left: -0.214, top: 0.166, right: -0.115, bottom: 0.234 },
  }),
]
