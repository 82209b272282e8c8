import type { Lateness } from '../../lib/feeds/feed.ts'

/**
 * By how many milliseconds the event of this row is dated back: 0 for most. Depends on the seed and the row only, so
 * that a row that is sent again is as late as it was the first time.
 */
export function latenessMs(lateness: Lateness, seq: number): number {
  if (chance(lateness.seed, seq * 2) >= lateness.share) return 0
  return Math.round(chance(lateness.seed, seq * 2 + 1) * lateness.maxSeconds * 1_000)
}

/**
 * A number from 0 up to 1 that looks random and is a function of its arguments.
 * Source: the finalizer of MurmurHash3 by Austin Appleby (public domain).
 */
function chance(seed: number, index: number): number {
  let hash = (Math.imul(seed, 0x9e3779b1) ^ index) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
