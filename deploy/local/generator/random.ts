/**
 * Random numbers that are a function of where they are drawn: the same seed and index give the same ones, in whatever
 * order the rows are looked at.
 */
export type Random = {
  /** From 0 up to 1. */
  next: () => number
  /** A whole number from 0 up to `end`. */
  below: (end: number) => number
  pick: <T>(items: readonly T[]) => T
}

/** Source: Mulberry32 by Tommy Ettinger (public domain), its state begun by the finalizer of MurmurHash3. */
export function randomAt(seed: number, index: number, purpose: number): Random {
  let state = mix(mix(Math.imul(seed, 0x9e3779b1) ^ purpose) ^ index)
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const below = (end: number) => Math.floor(next() * end)
  return { next, below, pick: (items) => items[below(items.length)] as (typeof items)[number] }
}

function mix(value: number): number {
  let hash = value >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Draws an item by weight. `drawWeighted([['a', 3], ['b', 1]])` makes `a` three times as likely. */
export function weighted<T>(items: readonly (readonly [T, number])[]): (chance: number) => T {
  const total = items.reduce((sum, [, weight]) => sum + weight, 0)
  let sum = 0
  const bounds = items.map(([item, weight]) => {
    sum += weight
    return [item, sum / total] as const
  })
  const last = bounds.at(-1)
  if (last === undefined) throw new RangeError('nothing to draw from')
  return (chance) => (bounds.find(([, bound]) => chance < bound) ?? last)[0]
}
