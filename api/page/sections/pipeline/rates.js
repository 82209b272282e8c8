// How fast counts rise that the api only gives as counts.

const OVER_MS = 10_000

/** Counts of one thing at a time; another name begins anew. */
export function createRates() {
  let readings = []
  let of

  return {
    /** @param {string} name @param {number} at epoch ms @param {Record<string, number>} counts that only rise */
    add(name, at, counts) {
      // Counts that fell belong to another life of what is counted.
      const last = readings.at(-1)
      const isNew = name !== of || Object.keys(counts).some((key) => counts[key] < (last?.counts[key] ?? 0))
      if (isNew) readings = []
      of = name
      readings = [...readings.filter((reading) => at - reading.at <= OVER_MS), { at, counts }]
    },
    /** Over the last ten seconds; null before there are two readings. @returns {number | null} */
    perSecond(key) {
      const first = readings[0]
      const last = readings.at(-1)
      if (first === undefined || first.at === last.at) return null
      return Math.max(((last.counts[key] - first.counts[key]) * 1_000) / (last.at - first.at), 0)
    },
  }
}
