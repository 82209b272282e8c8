import type { PoisonRecord } from '../../lib/kinesis/held-shards.ts'
import { positionOf } from '../../lib/kinesis/position.ts'
import type { ShardBatch } from '../../lib/kinesis/shard-runner.ts'
import type { Progress } from './progress.ts'
import type { Random } from './random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Witness } from './witness.ts'

const MAX_QUICK_MS = 20
/** Below the time that a stop waits for its handlers. */
const MAX_SLOW_MS = 9_000
/** Longer than a stop waits, and than a handoff. */
const MAX_HANG_MS = 40_000

/** What is wrong with the handlers at the moment, and with what they depend on; the same for all processes. */
export type HandlerTroubles = {
  /** Shares of the calls. */
  slow: number
  hanging: number
  failing: number
  isDependencyDown: boolean
  areDeadLettersDown: boolean
}

export const NO_TROUBLES: HandlerTroubles = {
  slow: 0,
  hanging: 0,
  failing: 0,
  isDependencyDown: false,
  areDeadLettersDown: false,
}

/** The application: it takes its time, and it may fail. What it has done counts also when nobody is told of it. */
export function createSimulatedHandler(options: {
  process: SimulatedProcess
  random: Random
  progress: Progress
  witness: Witness
  troubles: () => HandlerTroubles
  /** A call of the handler does not return for so long, whatever its signal says. */
  onHanging: (ms: number) => void
}) {
  const { process, random, progress, witness } = options
  const { name, clock } = process

  return {
    async handle(batch: ShardBatch): Promise<void> {
      const troubles = options.troubles()
      witness.handlingStarts(name, batch, () => process.isAwake)
      await clock.sleep(drawDuration(troubles))
      const error = whyItFails(batch, troubles)
      witness.handlingEnds(name, batch, error === undefined ? 'handled' : 'failed')
      if (error !== undefined) throw error
    },

    async putAside({ shardId, record }: PoisonRecord): Promise<void> {
      await clock.sleep(random.int(1, MAX_QUICK_MS))
      if (options.troubles().areDeadLettersDown) throw new Error('dead letters cannot be stored')
      witness.putAside(name, shardId, record)
    },
  }

  function drawDuration(troubles: HandlerTroubles): number {
    if (random.chance(troubles.slow)) return random.int(MAX_QUICK_MS, MAX_SLOW_MS)
    if (!random.chance(troubles.hanging)) return random.int(0, MAX_QUICK_MS)
    const ms = random.int(MAX_SLOW_MS, MAX_HANG_MS)
    options.onHanging(ms)
    return ms
  }

  function whyItFails({ shardId, records }: ShardBatch, troubles: HandlerTroubles): Error | undefined {
    if (troubles.isDependencyDown) return Object.assign(new Error('dependency down'), { retryable: true })
    if (random.chance(troubles.failing)) return new Error('handler failed')
    const shard = progress.shard(shardId)
    const isPoisoned = records.some((record) => shard.recordAt(positionOf(record)).isPoison)
    return isPoisoned ? new Error('poison') : undefined
  }
}
