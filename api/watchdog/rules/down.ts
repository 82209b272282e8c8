import { WORKER_KINDS, type WorkerKind } from '../observation.ts'
import { downKey } from '../remember.ts'
import { plural, type WatchView } from '../watch-view.ts'
import type { Finding, Rule } from './rule.ts'

/**
 * A worker's heartbeat has stopped without a goodbye. It is over when as many as are wanted have been healthy for ten
 * seconds, under whatever ids; a worker that nobody knew alive was never there.
 */
export const down: Rule = {
  kind: 'down',
  openAfterMs: 0,
  closeAfterMs: 10_000,
  find: (view) => WORKER_KINDS.flatMap((kind) => findGone(view, kind)),
}

function findGone(view: WatchView, kind: WorkerKind): Finding[] {
  const { time, memory } = view
  const closedAt = memory.conditions[downKey(kind)]?.closedAt ?? Number.NEGATIVE_INFINITY
  const gone = view.workersOf(kind).filter(({ goneAt }) => goneAt !== null && goneAt > closedAt)
  const healthy = view.healthyOf(kind).length
  const wanted = view.wanted[kind] ?? 1
  const isNews = gone.some(({ goneAt }) => goneAt === time)
  const isOngoing = view.isOpen('down', kind) ? healthy < wanted || isNews : gone.length > 0
  if (!isOngoing) return []
  const lastHeardAt = Math.min(time, ...gone.map(({ beatAt }) => beatAt))
  return [
    {
      service: kind,
      severity: 'critical',
      summary: `${plural(gone.length, kind)} ended without a goodbye: nothing was heard since ${view.at(lastHeardAt)}, and ${healthy} of ${wanted} wanted ${healthy === 1 ? 'is' : 'are'} running.`,
      workers: gone.map(({ id }) => id),
      details: { healthy, wanted, lastHeard: view.at(lastHeardAt) },
    },
  ]
}
