// Where most happens: hotspots on the map and in a table, cities and counties.

import { describeSurges } from '../map/surges.js'
import { formatCount, formatMinute, formatPlace } from '../shell/format.js'
import { updateRows } from '../shell/rows.js'

/**
 * @param {(id: string) => HTMLElement} at
 * @param {{ showHotspots(hotspots: any[]): void }} map
 */
export function createPlacesView(at, map) {
  let shown

  function showHotspots({ feed, windowEnd, items }) {
    // A window can still grow in the second after its first rank has come.
    const state = `${feed} ${windowEnd} ${items.length}`
    if (state === shown) return
    shown = state
    map.showHotspots(items)
    at('hotspots-window').textContent = describeWindow('10 minutes', windowEnd)
    updateRows(
      at('hotspots-rows'),
      items.map(({ rank, cell, lat, lng, count, weight }) => ({
        key: String(rank),
        cells: [
          formatCount(rank),
          { text: formatPlace(lat, lng), title: `H3 cell ${cell}` },
          formatCount(count),
          formatCount(weight),
        ],
      })),
      { columns: ['', 'nowrap', 'number', 'number'], empty: 'no ten minutes have been closed yet' },
    )
  }

  function showTopPlaces(rows, places) {
    updateRows(
      at(rows),
      places.map(({ rank, name, state, count }) => ({
        key: String(rank),
        cells: [name, { text: state, className: 'soft' }, formatCount(count)],
      })),
      { columns: ['', '', 'number'], empty: 'no hour has been closed yet' },
    )
  }

  function showSurges(surges) {
    const line = at('surges')
    const { level, text } = describeSurges(surges)
    // A screen reader reads it out when it changes.
    if (line.textContent !== text) line.textContent = text
    line.dataset.level = level
  }

  return {
    /** @param {{ hotspots: any, cities: any, surges: any }} insights */
    update({ hotspots, cities, surges }) {
      showHotspots(hotspots)
      at('cities-window').textContent = describeWindow('the hour', cities.windowEnd)
      showTopPlaces('cities-rows', cities.cities)
      showTopPlaces('counties-rows', cities.counties)
      showSurges(surges)
    },
  }
}

const describeWindow = (length, windowEnd) =>
  windowEnd === null ? '' : `${length} to ${formatMinute(windowEnd)}`
