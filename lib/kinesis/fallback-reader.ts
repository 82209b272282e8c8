import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { backoffDelay } from '../retry.ts'
import type { Checkpoint } from './position.ts'
import type { ReplaceableReader, ShardRead, ShardReader } from './shard-reader.ts'

/** At least a second: a shard that another subscription still holds is free again then. */
const LEAST_STAY_MS = 1_000
const STAY_BACKOFF = { baseMs: 1_000, maxMs: 60_000 }

export type FallbackReaderOptions = {
  /** Rejects where it cannot read: the way that is wished for. */
  openPreferred(checkpoint: Checkpoint): ReplaceableReader
  /** Never rejects. */
  openFallback(checkpoint: Checkpoint): ReplaceableReader
  checkpoint: Checkpoint
  /** To the fallback, or back to what is preferred. */
  onChange(to: 'preferred' | 'fallback'): void
  clock: Clock
  random?: () => number
  log: Log
}

type Current =
  | { way: 'preferred'; reader: ReplaceableReader }
  | { way: 'fallback'; reader: ReplaceableReader; isOver: AbortSignal }

/**
 * Reads a shard in one of two ways, each from where the other one has stopped:
 *
 *                 read fails
 *     preferred ------------> fallback      Each failure in a row makes the stay in `fallback` longer, from 1 to 2 s up
 *         ^                      |          to a minute.
 *         '---- stay is over ----'
 *
 * Exactly one of them reads at any time, and has then handed over all records before its place.
 */
export function createFallbackReader(options: FallbackReaderOptions): ShardReader {
  const { clock, log } = options
  let current: Current = { way: 'preferred', reader: options.openPreferred(options.checkpoint) }
  let failures = 0

  async function readPreferred(
    reader: ReplaceableReader,
    signal: AbortSignal,
  ): Promise<ShardRead | undefined> {
    try {
      const read = await reader.read(signal)
      if (read !== undefined && failures > 0) {
        failures = 0
        options.onChange('preferred')
      }
      return read
    } catch (error) {
      failures++
      if (failures === 1) options.onChange('fallback')
      const stayMs = LEAST_STAY_MS + backoffDelay(failures, STAY_BACKOFF, options.random)
      log.warn({ failures, stayMs, error: describeError(error) }, 'shard is read the other way for a while')
      const over = new AbortController()
      // Also when `signal` aborts.
      void clock.sleep(stayMs, signal).then(() => over.abort())
      current = { way: 'fallback', reader: options.openFallback(reader.position()), isOver: over.signal }
      return undefined
    }
  }

  return {
    async read(signal) {
      while (!signal.aborted) {
        const { reader } = current
        const read =
          current.way === 'preferred'
            ? await readPreferred(reader, signal)
            : await reader.read(current.isOver)
        if (read !== undefined) return read
        if (current.way === 'fallback' && current.isOver.aborted) {
          current = { way: 'preferred', reader: options.openPreferred(reader.position()) }
        }
      }
      return undefined
    },
  }
}
