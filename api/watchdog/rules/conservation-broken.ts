import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { IN_FLIGHT_MS } from '../../pipeline/conservation.ts'
import { plural } from '../watch-view.ts'
import type { Rule } from './rule.ts'

/**
 * Counts of two places that have to agree do not: something was lost, or counted twice. What differs for a moment, as
 * after an outage, is none; that they agree again is believed when they have for as long as rows may be in flight.
 */
export const conservationBroken: Rule = {
  kind: 'conservation-broken',
  openAfterMs: THRESHOLDS.conservationBrokenMs,
  closeAfterMs: IN_FLIGHT_MS,
  find({ observation }) {
    if (observation.feeds === undefined) return undefined
    const broken = observation.feeds.filter(
      ({ brokenSince, differences }) => brokenSince !== null && differences !== '',
    )
    const [first] = broken
    if (first === undefined) return []
    return [
      {
        service: 'pipeline',
        severity: 'critical',
        summary: `The counts of ${plural(broken.length, 'feed')} do not agree since ${first.brokenSince}: ${first.name} differs in ${first.differences}.`,
        workers: [],
        details: { feeds: broken.map(({ name }) => name).join(' '), differences: first.differences },
      },
    ]
  },
}
