// Sources, filters and paces in words.

import { formatCount, formatDuration, formatMoment, formatRate } from '../shell/format.js'

export function describeSource(source) {
  if (source.kind === 'csv') return `s3://${source.bucket}/${source.key}`
  if (source.kind === 'raw-layer') {
    const all = source.feeds === 'all' ? ', with replays' : ''
    return `raw layer ${source.from} to ${source.to} UTC${all}`
  }
  return `${formatCount(source.letters)} dead letters (${source.origin})`
}

export function describePace(pace) {
  if (pace.kind === 'rate') return `at ${formatRate(pace.rowsPerSecond)} rows/s`
  if (pace.kind === 'speed') return `${formatRate(pace.factor)} times as fast as it happened`
  return 'as fast as replays may'
}

/** Nothing when it takes all. */
export function describeFilter(filter) {
  if (filter === null) return ''
  const { from, to, states, severities, ids, box } = filter
  return [
    ...(states === undefined ? [] : [states.join(', ')]),
    ...(severities === undefined ? [] : [`severity ${severities.join(', ')}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`before ${to}`]),
    ...(ids === undefined ? [] : [`${formatCount(ids.length)} ids`]),
    ...(box === undefined ? [] : [`${box.south} to ${box.north}° N, ${box.west} to ${box.east}° E`]),
  ].join('; ')
}

/** What people call it. */
export const nameOf = ({ name, feed }) => name ?? feed

/** When it will be done, if it goes on like this. */
export function describeEnd({ state, finishedAt, progress }) {
  if (finishedAt !== null) return formatMoment(finishedAt)
  if (progress.estimatedEndAt !== null) return `about ${formatMoment(progress.estimatedEndAt)}`
  return state === 'running' ? 'not known yet' : '–'
}

/** How long a replay would take, and what that is reckoned by. */
export function describeEstimate({ durationMs, isAtMost, basis }) {
  if (durationMs === null) return `Estimated duration: not known yet; ${basis}.`
  return `Estimated duration: ${isAtMost ? 'at most' : 'about'} ${formatDuration(durationMs)} (${basis}).`
}

export function describeCounts({ emitted, refused, filtered }) {
  return [
    `${formatCount(emitted)} sent`,
    ...(filtered > 0 ? [`${formatCount(filtered)} filtered`] : []),
    ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
  ].join(', ')
}
