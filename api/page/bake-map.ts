import { readFileSync, writeFileSync } from 'node:fs'
import { geoPath } from 'd3-geo'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { STATES } from '../../lib/rules/states.ts'

type Atlas = Topology<{ states: GeometryCollection<{ name: string }> }>

/**
 * The map of the page, baked once so that the browser needs no geography: the states of us-atlas (United States Census
 * Bureau, public domain), already projected by Albers USA to 975 x 610, one path a state, to one decimal.
 */
export function renderMap(atlas: Atlas): string {
  const path = geoPath(null).digits(1)
  const shapes = feature(atlas, atlas.objects.states).features.flatMap((state) => {
    const code = STATES[state.properties.name]
    const outline = path(state)
    // The atlas also has the territories, which this projection does not show.
    return code === undefined || outline === null ? [] : [{ code, name: state.properties.name, outline }]
  })
  const paths = shapes
    .sort((a, b) => a.code.localeCompare(b.code))
    .map(({ code, name, outline }) => `<path id="state-${code}" d="${outline}"><title>${name}</title></path>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 975 610">\n${paths.join('\n')}\n</svg>\n`
}

export const MAP_FILE = new URL('./sections/map/us-states.svg', import.meta.url)

export function readAtlas(): Atlas {
  const file = new URL(import.meta.resolve('us-atlas/states-albers-10m.json'))
  return JSON.parse(readFileSync(file, 'utf8')) as Atlas
}

if (import.meta.main) writeFileSync(MAP_FILE, renderMap(readAtlas()))
