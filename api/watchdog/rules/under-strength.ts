import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { WORKER_KINDS, type WorkerKind } from '../observation.ts'
import type { WatchView } from '../watch-view.ts'
import type { Finding, Rule } from './rule.ts'

/**
 * Fewer workers than are wanted, for longer than a deploy or a restart takes, although none of them ended without a
 * goodbye: those are `down`.
 */
export const underStrength: Rule = {
  kind: 'under-strength',
  openAfterMs: THRESHOLDS.underStrengthMs,
  closeAfterMs: 10_000,
  find: (view) => WORKER_KINDS.flatMap((kind) => findMissing(view, kind)),
}

function findMissing(view: WatchView, kind: WorkerKind): Finding[] {
  const wanted = view.wanted[kind]
  const healthy = view.healthyOf(kind)
  if (wanted === undefined || healthy.length >= wanted || view.isOpen('down', kind)) return []
  return [
    {
      service: kind,
      severity: healthy.length === 0 ? 'critical' : 'warning',
      summary: `${healthy.length} of ${wanted} wanted ${wanted === 1 ? kind : `${kind}s`} ${healthy.length === 1 ? 'is' : 'are'} running since ${view.at(view.memory.conditions[`under-strength.${kind}`]?.since ?? view.time)}.`,
      workers: healthy.map(({ id }) => id),
      details: { healthy: healthy.length, wanted },
    },
  ]
}
