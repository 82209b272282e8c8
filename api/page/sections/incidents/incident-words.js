// What the watchdog found, and what was sent of it, in words.

import { formatClock, formatCount, formatDuration, formatMoment } from '../shell/format.js'

/** By the kinds that the api knows; one that is not here is shown by its own name. */
const KINDS = {
  down: 'Down',
  unresponsive: 'Unresponsive',
  failing: 'Failing',
  'under-strength': 'Under strength',
  'shard-unowned': 'Shard unowned',
  stalled: 'Stalled',
  'conservation-broken': 'Counts do not agree',
  dependency: 'Dependency away',
}

export const nameOfKind = (kind) => KINDS[kind] ?? kind

/** The critical ones first, then the oldest: it is likelier to be the cause. */
export function sortedBySeverity(incidents) {
  const rank = ({ severity }) => (severity === 'critical' ? 0 : 1)
  return incidents.toSorted((a, b) => rank(a) - rank(b) || Date.parse(a.openedAt) - Date.parse(b.openedAt))
}

/** What there is to say while all is well. @param {any} incidents of the event of this name, undefined without one */
export function describeLast(incidents) {
  const [last] = incidents?.recent ?? []
  if (last === undefined || last.closedAt === null) return ''
  const took = formatDuration(Date.parse(last.closedAt) - Date.parse(last.openedAt))
  return `The last incident, ${nameOfKind(last.kind).toLowerCase()} (${last.service}), ended at ${formatMoment(last.closedAt)} after ${took}.`
}

/**
 * Whether people would be told when something breaks; nothing when they would.
 * @param {{ state: 'ok' | 'off' | 'failing', since: string | null, detail: string | null } | undefined} telling
 */
export function describeTelling(telling) {
  if (telling === undefined || telling.state === 'ok') return undefined
  if (telling.state === 'off') {
    return {
      level: 'idle',
      text: 'Nobody is told when something breaks: no topic is configured. It is only shown here.',
    }
  }
  const since = telling.since === null ? '' : ` since ${formatMoment(telling.since)}`
  const detail = telling.detail === null ? '' : ` (${telling.detail})`
  return {
    level: 'bad',
    text: `People are not being told${since}: SNS does not take messages${detail}. What is below waits to be sent.`,
  }
}

/** One message of an incident. @param {any} publication @returns {{ level: string, text: string, title: string }} */
export function describePublication({ event, state, at, messageId, attempts, error, dedupId }) {
  const time = at === null ? '' : ` ${formatClock(at)}`
  const tries = attempts > 1 ? ` after ${formatCount(attempts)} attempts` : ''
  const title = [
    `dedupId ${dedupId}`,
    ...(messageId === null ? [] : [`message ${messageId}`]),
    ...(error === null ? [] : [error]),
  ].join(', ')
  const texts = {
    published: `${event}: sent${time}${tries}`,
    pending: `${event}: waits to be sent${attempts > 0 ? `, tried ${formatCount(attempts)} times` : ''}`,
    failed: `${event}: could not be sent${tries}${error === null ? '' : `: ${error}`}`,
    suppressed: `${event}: not sent, another incident explains it`,
  }
  const levels = { published: 'good', pending: 'warn', failed: 'bad', suppressed: '' }
  return { level: levels[state] ?? '', text: texts[state] ?? `${event}: ${state}`, title }
}

/** A link of ours or of the web, and no other: what an incident says is data. @param {string} link */
export function isSafeLink(link) {
  return /^(\/(?!\/)|https?:\/\/)/.test(link)
}
