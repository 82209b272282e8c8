/** Cumulative counts of a Prometheus histogram by upper bound (seconds; Infinity is the last). */
export type Buckets = Map<number, number>

/** Reads one histogram, all of its series together, out of Prometheus's text format. */
export function parseBuckets(text: string, name: string): Buckets {
  const buckets: Buckets = new Map()
  for (const [, bound, count] of text.matchAll(
    new RegExp(`^${name}_bucket\\{[^}]*\\ble="([^"]+)"[^}]*\\} (\\d+)`, 'gm'),
  )) {
    const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + Number(count))
  }
  return buckets
}

/** What was observed between two readings of the same histogram. */
export function subtractBuckets(later: Buckets, earlier: Buckets): Buckets {
  return new Map([...later].map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]))
}

/**
 * The quantile `q` by linear interpolation inside its bucket, as Prometheus's histogram_quantile does; the highest
 * finite bound where it lies beyond it; NaN when nothing was observed.
 */
export function quantile(buckets: Buckets, q: number): number {
  const bounds = [...buckets.keys()].sort((a, b) => a - b)
  const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0
  const rank = q * total
  if (total === 0) return Number.NaN
  let lowerBound = 0
  let lowerCount = 0
  for (const bound of bounds) {
    const count = buckets.get(bound) ?? 0
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) return lowerBound
      return lowerBound + ((bound - lowerBound) * (rank - lowerCount)) / Math.max(1, count - lowerCount)
    }
    lowerBound = bound
    lowerCount = count
  }
  return lowerBound
}
