// Accidents as dots over the baked map of the states. Two canvases: one keeps the dots, the other shows a ring around
// each new one for a moment.

import { onSchemeChange, readPalette } from '../shell/palette.js'

const WIDTH = 975
const HEIGHT = 610
const MAX_DOTS = 2_000
/** By severity, in units of the map. */
const RADIUS = { 1: 1.7, 2: 2.1, 3: 3, 4: 4.2 }
const PULSE_MS = 1_400
const MAX_PULSES = 80
/** A batch of one second appears over this long, as the accidents did. */
const SPREAD_MS = 900
/** Older dots fade; drawing all of them again for each new one would cost more than it shows. */
const REDRAW_MS = 4_000
/** A hotspot's area is its weight: the first one's radius, in units of the map, and the least that can be seen. */
const HOTSPOT_RADIUS = 22
const LEAST_HOTSPOT_RADIUS = 4
const SVG = 'http://www.w3.org/2000/svg'

/** @param {HTMLElement} frame */
export async function createMap(frame) {
  const dotsCanvas = /** @type {HTMLCanvasElement} */ (frame.querySelector('#map-dots'))
  const pulsesCanvas = /** @type {HTMLCanvasElement} */ (frame.querySelector('#map-pulses'))
  const isStill = matchMedia('(prefers-reduced-motion: reduce)')
  let palette = readPalette()
  /** @type {[x: number, y: number, severity: number, late: number][]} */
  let dots = []
  /** @type {{ dot: typeof dots[number], startedAt: number }[]} */
  let pulses = []
  let isAnimating = false
  let hasNew = false

  const states = await loadStates()
  const hotspots = states.appendChild(document.createElementNS(SVG, 'g'))
  frame.prepend(states)
  new ResizeObserver(resize).observe(frame)
  onSchemeChange(() => {
    palette = readPalette()
    redraw()
  })
  setInterval(() => {
    if (hasNew) redraw()
    hasNew = false
  }, REDRAW_MS)

  function resize() {
    const scale = devicePixelRatio || 1
    for (const canvas of [dotsCanvas, pulsesCanvas]) {
      canvas.width = Math.round(frame.clientWidth * scale)
      canvas.height = Math.round(frame.clientHeight * scale)
      canvas.getContext('2d').setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0)
    }
    redraw()
  }

  function redraw() {
    const context = dotsCanvas.getContext('2d')
    context.clearRect(0, 0, WIDTH, HEIGHT)
    dots.forEach((dot, i) => drawDot(context, dot, 0.3 + 0.65 * ((i + 1) / dots.length)))
  }

  function drawDot(context, [x, y, severity, late], alpha) {
    context.globalAlpha = alpha
    context.beginPath()
    context.arc(x, y, RADIUS[severity], 0, 2 * Math.PI)
    if (late === 1) {
      context.strokeStyle = palette.severity[severity]
      context.lineWidth = 1.2
      context.stroke()
    } else {
      context.fillStyle = palette.severity[severity]
      context.fill()
    }
  }

  function appear(dot) {
    dots.push(dot)
    if (dots.length > MAX_DOTS) dots = dots.slice(-MAX_DOTS)
    drawDot(dotsCanvas.getContext('2d'), dot, 0.95)
    hasNew = true
    if (isStill.matches || pulses.length >= MAX_PULSES) return
    pulses.push({ dot, startedAt: performance.now() })
    if (!isAnimating) requestAnimationFrame(animate)
    isAnimating = true
  }

  function animate(now) {
    const context = pulsesCanvas.getContext('2d')
    context.clearRect(0, 0, WIDTH, HEIGHT)
    pulses = pulses.filter(({ startedAt }) => now - startedAt < PULSE_MS)
    for (const { dot, startedAt } of pulses) drawPulse(context, dot, Math.max(now - startedAt, 0) / PULSE_MS)
    isAnimating = pulses.length > 0
    if (isAnimating) requestAnimationFrame(animate)
  }

  function drawPulse(context, [x, y, severity], progress) {
    const eased = 1 - (1 - progress) ** 3
    context.globalAlpha = 0.85 * (1 - progress)
    context.strokeStyle = palette.severity[severity]
    context.lineWidth = 1.4
    context.beginPath()
    context.arc(x, y, RADIUS[severity] + eased * (5 + 3 * severity), 0, 2 * Math.PI)
    context.stroke()
  }

  return {
    /** Shows these instead of all others, at once. */
    reset(newDots) {
      dots = newDots.slice(-MAX_DOTS)
      redraw()
    },
    /** Lets these appear one after the other. */
    add(newDots) {
      newDots.forEach((dot, i) => setTimeout(() => appear(dot), (i / newDots.length) * SPREAD_MS))
    },
    /** Shows circles around these places instead of all former ones. */
    showHotspots(items) {
      const most = Math.max(...items.map(({ weight }) => weight))
      hotspots.replaceChildren(...items.filter(({ map }) => map !== null).map((item) => circle(item, most)))
    },
    get size() {
      return dots.length
    },
  }
}

function circle({ map, rank, count, weight }, most) {
  const node = document.createElementNS(SVG, 'circle')
  const radius = Math.max(HOTSPOT_RADIUS * Math.sqrt(weight / most), LEAST_HOTSPOT_RADIUS)
  for (const [name, value] of Object.entries({ cx: map.x, cy: map.y, r: radius })) {
    node.setAttribute(name, String(value))
  }
  const title = node.appendChild(document.createElementNS(SVG, 'title'))
  title.textContent = `Hotspot ${rank}: ${count} accidents in 10 minutes, weight ${weight}`
  return node
}

async function loadStates() {
  const response = await fetch('/assets/map/us-states.svg')
  const parsed = new DOMParser().parseFromString(await response.text(), 'image/svg+xml')
  const svg = document.importNode(parsed.documentElement, true)
  svg.setAttribute('aria-hidden', 'true')
  return svg
}
