import type { Definition, LabelBound } from './definition.ts'

export type SeriesCount = { atOnce: number; aDay: number }

/** How many series of one process a metric is at a time and in a day; a histogram is one for each bucket, and three more. */
export function countSeries({ type, labels, buckets = [], series }: Definition): SeriesCount {
  const combinations = Object.values(labels).reduce((product, bound) => product * boundOf(bound), 1)
  const each = type === 'histogram' ? buckets.length + 3 : 1
  return { atOnce: (series?.atOnce ?? combinations) * each, aDay: (series?.aDay ?? combinations) * each }
}

export function boundOf(bound: LabelBound): number {
  return 'atMost' in bound ? bound.atMost : bound.length
}
