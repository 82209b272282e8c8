/** The part of the space of hash keys that a shard takes, both ends included. */
export type HashKeyRange = { start: bigint; end: bigint }

export const ALL_HASH_KEYS: HashKeyRange = { start: 0n, end: 2n ** 128n - 1n }

export function overlap(a: HashKeyRange, b: HashKeyRange): boolean {
  return a.start <= b.end && b.start <= a.end
}

/** What no range covers, in order. Ranges may overlap: a parent that is still read and its children do. */
export function findHoles(ranges: readonly HashKeyRange[]): HashKeyRange[] {
  const holes: HashKeyRange[] = []
  // The greatest end so far, not that of the range before: a short range may lie inside of a long one.
  let covered = ALL_HASH_KEYS.start
  for (const { start, end } of [...ranges].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    if (start > covered) holes.push({ start: covered, end: start - 1n })
    if (end >= covered) covered = end + 1n
  }
  if (covered <= ALL_HASH_KEYS.end) holes.push({ start: covered, end: ALL_HASH_KEYS.end })
  return holes
}

/** Whether each hash key lies in exactly one range, as at every single moment of a stream. */
export function isPartition(ranges: readonly HashKeyRange[]): boolean {
  const total = ranges.reduce((sum, { start, end }) => sum + end - start + 1n, 0n)
  return findHoles(ranges).length === 0 && total === ALL_HASH_KEYS.end + 1n
}
