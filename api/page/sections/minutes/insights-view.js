// Accidents per minute and by state.

import { formatCount, formatMinute, formatPercent } from '../shell/format.js'
import { SEVERITIES } from '../shell/palette.js'
import { element, updateRows } from '../shell/rows.js'
import { createMinutesChart, toSlots } from './minutes-chart.js'

const MINUTES_IN_TABLE = 30

/** @param {(id: string) => HTMLElement} at */
export function createInsightsView(at) {
  let severity
  let hovered = null
  const chart = createMinutesChart(at('minutes'), (slot) => {
    hovered = slot
    showReadout()
  })

  /** One minute in words: the one under the pointer, else the last one that is closed. */
  function showReadout() {
    if (severity === undefined) return
    const slots = toSlots(severity)
    const closed = slots.findLast(({ minute }) => minute !== undefined && !minute.provisional)
    const shown = hovered ?? closed ?? slots.at(-1)
    if (shown === undefined) return
    const { start, minute } = shown
    const counts = SEVERITIES.map((level) => minute?.bySeverity[level] ?? 0)
    const total = counts.reduce((sum, count) => sum + count, 0)
    at('minutes-readout').replaceChildren(
      `${formatMinute(start)}  `,
      element('b', {}, `${formatCount(total)} accidents`),
      ...SEVERITIES.map((level, i) =>
        element(
          'span',
          { class: 'count', title: `severity ${level}` },
          element('span', { class: 'mark', 'data-severity': String(level) }),
          formatCount(counts[i]),
        ),
      ),
      minute?.provisional ? 'provisional' : '',
    )
  }

  function showMinutes() {
    const rows = severity.minutes.slice(-MINUTES_IN_TABLE).toReversed()
    updateRows(
      at('minutes-rows'),
      rows.map(({ start, provisional, bySeverity }) => ({
        key: start,
        cells: [
          formatMinute(start),
          ...SEVERITIES.map((level) => formatCount(bySeverity[level])),
          { text: provisional ? 'provisional' : 'final', className: 'soft' },
        ],
      })),
      { columns: ['', 'number', 'number', 'number', 'number'], empty: 'no accident in the last hour' },
    )
  }

  function showStates() {
    const most = severity.states[0]?.total ?? 0
    const rows = severity.states.map(({ state, total }) => ({
      key: state,
      cells: [
        state,
        element('meter', { min: '0', max: String(most), value: String(total), 'aria-hidden': 'true' }),
        formatCount(total),
        { text: formatPercent(total / severity.total), className: 'soft' },
      ],
    }))
    updateRows(at('states-rows'), rows, { columns: ['', '', 'number', 'number'] })
    const leaders = severity.states.slice(0, 3).map(({ state, total }) => `${state} ${formatCount(total)}`)
    at('map').setAttribute(
      'aria-label',
      `Map of the United States with the last accidents. Most so far: ${leaders.join(', ') || 'none'}. The tables by state and of hotspots have all.`,
    )
  }

  return {
    /** @param {any} data that of `/insights/severity` */
    update(data) {
      severity = data
      chart.update(severity)
      showReadout()
      showMinutes()
      showStates()
    },
  }
}
