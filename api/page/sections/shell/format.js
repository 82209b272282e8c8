// How numbers, durations and times are written on the page.

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const degrees = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** @param {number} value */
export const formatCount = (value) => integer.format(value)

/** A rate: whole from ten on. @param {number} value */
export const formatRate = (value) => (value >= 10 ? integer : tenth).format(value)

/** @param {number} share 0 to 1 */
export const formatPercent = (share) => percent.format(share)

/** @param {string | number | Date} time */
export const formatClock = (time) => clock.format(new Date(time))

/** @param {string | number | Date} time */
export const formatMinute = (time) => minute.format(new Date(time))

/** The time of day, with the day when it was not today. @param {string} time */
export function formatMoment(time) {
  const date = new Date(time)
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : moment.format(date)
}

/** Degrees: 39.86° N, 84.05° W. @param {number} lat @param {number} lng */
export const formatPlace = (lat, lng) =>
  `${degrees.format(Math.abs(lat))}° ${lat < 0 ? 'S' : 'N'}, ${degrees.format(Math.abs(lng))}° ${lng < 0 ? 'W' : 'E'}`

/** Two units at most: 850 ms, 1.2 s, 45 s, 3 min 20 s, 2 h 5 min, 4 d. @param {number | null} ms */
export function formatDuration(ms) {
  if (ms === null) return '–'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${tenth.format(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`
}
