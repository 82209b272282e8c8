// Accidents per minute, stacked by severity. A minute that Flink has not closed is hatched.

import { formatMinute } from '../shell/format.js'
import { onSchemeChange, readPalette, SEVERITIES } from '../shell/palette.js'

const MINUTE_MS = 60_000
const HEIGHT_PX = 210
const BAR_SHARE = 0.78
/** A feed that has just begun is not shown as an hour of nothing. */
const FEWEST_SLOTS = 15

/**
 * @typedef {{ start: string, provisional: boolean, bySeverity: Record<string, number> }} Minute
 * @param {HTMLElement} frame
 * @param {(minute: { start: number, minute: Minute | undefined } | null) => void} onHover
 */
export function createMinutesChart(frame, onHover) {
  /** @type {{ start: number, minute: Minute | undefined }[]} */
  let slots = []
  let chart = build()

  function build() {
    const palette = readPalette()
    const plot = new uPlot(options(palette), toColumns(slots), frame)
    return plot
  }

  function options(palette) {
    const axis = { stroke: palette.soft, font: '11px system-ui', ticks: { show: false }, gap: 6 }
    return {
      width: frame.clientWidth,
      height: HEIGHT_PX,
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        // A bar begins at its minute and needs the room of one.
        x: { range: (_plot, min, max) => [min, max + MINUTE_MS / 1_000] },
        y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, 4) * 1.05] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 60,
          grid: { show: false },
          values: (_plot, seconds) => seconds.map((second) => formatMinute(second * 1_000)),
        },
        { ...axis, size: 40, space: 34, grid: { stroke: palette.line, width: 1 } },
      ],
      // The tallest of a stack is drawn first, and the next one over it.
      series: [{}, ...SEVERITIES.toReversed().flatMap((severity) => seriesOf(palette, severity))],
      hooks: {
        setCursor: [({ cursor }) => onHover(cursor.idx == null ? null : (slots[cursor.idx] ?? null))],
      },
    }
  }

  function seriesOf(palette, severity) {
    const colour = palette.severity[severity]
    const bars = uPlot.paths.bars({ size: [BAR_SHARE, 40], align: 1, radius: 0.06 })
    const base = { paths: bars, points: { show: false }, width: 0 }
    return [
      { ...base, label: `severity ${severity}`, fill: colour },
      { ...base, label: `severity ${severity}, provisional`, fill: hatch(colour, palette.surface) },
    ]
  }

  new ResizeObserver(() => {
    if (chart.width !== frame.clientWidth) chart.setSize({ width: frame.clientWidth, height: HEIGHT_PX })
  }).observe(frame)
  onSchemeChange(() => {
    chart.destroy()
    chart = build()
  })

  return {
    /** @param {{ from: string, to: string, minutes: Minute[] }} severity */
    update(severity) {
      slots = toSlots(severity)
      chart.setData(toColumns(slots))
    },
  }
}

/** One slot a minute from the first accident on, also for minutes without one, which the api leaves out. */
export function toSlots({ from, to, minutes }) {
  const byStart = new Map(minutes.map((minute) => [Date.parse(minute.start), minute]))
  const slots = []
  for (let start = Date.parse(from); start < Date.parse(to); start += MINUTE_MS) {
    slots.push({ start, minute: byStart.get(start) })
  }
  const first = slots.findIndex(({ minute }) => minute !== undefined)
  const latest = Math.max(slots.length - FEWEST_SLOTS, 0)
  return slots.slice(first === -1 ? latest : Math.min(first, latest))
}

/** Times, then for each severity from the top of the stack the final and the provisional height. */
function toColumns(slots) {
  const heights = slots.map(({ minute }) => {
    let height = 0
    return SEVERITIES.map((severity) => (height += minute?.bySeverity[severity] ?? 0))
  })
  const columns = SEVERITIES.toReversed().flatMap((severity) => {
    const isShown = (isProvisional) =>
      slots.map(({ minute }, i) =>
        minute !== undefined && minute.provisional === isProvisional ? heights[i][severity - 1] : null,
      )
    return [isShown(false), isShown(true)]
  })
  return [slots.map(({ start }) => start / 1_000), ...columns]
}

/** Diagonal stripes that hide what lies under them. */
function hatch(colour, ground) {
  const tile = document.createElement('canvas')
  tile.width = 8
  tile.height = 8
  const context = tile.getContext('2d')
  context.fillStyle = ground
  context.fillRect(0, 0, 8, 8)
  context.globalAlpha = 0.3
  context.fillStyle = colour
  context.fillRect(0, 0, 8, 8)
  context.globalAlpha = 1
  context.strokeStyle = colour
  context.lineWidth = 2.5
  for (const offset of [-8, 0, 8]) {
    context.beginPath()
    context.moveTo(offset - 1, 9)
    context.lineTo(offset + 9, -1)
    context.stroke()
  }
  const pattern = context.createPattern(tile, 'repeat')
  return () => pattern
}
