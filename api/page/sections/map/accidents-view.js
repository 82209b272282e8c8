// The accidents themselves: as dots on the map and as a list, and how long they took to come.

import { accidentRow } from '../places/lists.js'
import { formatDuration } from '../shell/format.js'
import { SEVERITIES } from '../shell/palette.js'
import { element, updateRows } from '../shell/rows.js'

const LISTED = 40
const LATENCY_SAMPLES = 300
const SEVERITY_WORDS = {
  1: 'least impact on traffic',
  2: 'some impact on traffic',
  3: 'much impact on traffic',
  4: 'most impact on traffic',
}

/**
 * @param {(id: string) => HTMLElement} at
 * @param {{ reset(dots: any[]): void, add(dots: any[]): void, readonly size: number }} map
 */
export function createAccidentsView(at, map) {
  showLegend(at('legend'))
  let listed = []
  let latencies = []

  return {
    /** @param {{ reset: boolean, dots: any[], items: any[] }} batch */
    update({ reset, dots, items }) {
      const newDots = [...dots, ...items.filter((item) => item.map !== null).map(toDot)]
      if (reset) {
        map.reset(newDots)
        listed = []
        latencies = []
      } else {
        map.add(newDots)
      }
      listed = [...items.toReversed(), ...listed].slice(0, LISTED)
      const measured = items.map((item) => Date.parse(item.receivedAt) - Date.parse(item.emittedAt))
      latencies = [...latencies, ...measured].slice(-LATENCY_SAMPLES)
      updateRows(at('accidents-rows'), listed.map(accidentRow), {
        empty: 'no accident has been received yet',
      })
      at('end-to-end').textContent = latencies.length === 0 ? '–' : formatDuration(quantile(latencies, 0.95))
    },
    get dots() {
      return map.size
    },
  }
}

const toDot = ({ map: point, severity, late }) => [point.x, point.y, severity, late ? 1 : 0]

function showLegend(list) {
  const marks = SEVERITIES.map((level) =>
    element(
      'li',
      { title: SEVERITY_WORDS[level] },
      element('span', { class: 'mark', 'data-severity': String(level) }),
      level === 1 ? 'severity 1' : String(level),
    ),
  )
  const late = element('li', {}, element('span', { class: 'mark', 'data-late': '' }), 'late')
  const hotspot = element(
    'li',
    { title: 'the cells of 36 km² with the gravest accidents; the larger, the more and the graver' },
    element('span', { class: 'mark', 'data-hotspot': '' }),
    'hotspot',
  )
  list.replaceChildren(...marks, late, hotspot)
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
}
