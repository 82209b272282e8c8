import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { unownedShards } from '../unowned-shards.ts'
import { plural } from '../watch-view.ts'
import type { Rule } from './rule.ts'

const SHARDS_NAMED = 5

/**
 * A shard that may be read has no owner for longer than a takeover takes. When no consumer is there at all, that is
 * another incident.
 */
export const shardUnowned: Rule = {
  kind: 'shard-unowned',
  openAfterMs: THRESHOLDS.shardUnownedMs,
  closeAfterMs: 10_000,
  find(view) {
    const isExplained =
      view.wanted.consumer === 0 ||
      view.isOpen('under-strength', 'consumer') ||
      (view.wanted.consumer !== undefined && view.healthyOf('consumer').length === 0)
    if (isExplained) return []
    const unowned = unownedShards(view.observation.shards)
    if (unowned.length === 0) return []
    const since = view.memory.conditions['shard-unowned.consumer']?.since ?? view.time
    return [
      {
        service: 'consumer',
        severity: 'critical',
        summary: `${plural(unowned.length, 'shard')} of stream 2 ${unowned.length === 1 ? 'has' : 'have'} no owner since ${view.at(since)}: nobody reads what arrives there.`,
        workers: [],
        details: {
          count: unowned.length,
          shards: unowned
            .slice(0, SHARDS_NAMED)
            .map(({ shardId }) => shardId)
            .join(' '),
        },
      },
    ]
  },
}
