const SELECTOR = /(?<![\w:"$.])([a-z][\w:]*)(\{[^}]*\})?/g
const WORDS = new Set(
  'sum max min count by on ignoring group_left group_right and or unless offset absent vector increase rate delta changes deriv histogram_quantile topk time avg_over_time min_over_time max_over_time count_over_time'.split(
    ' ',
  ),
)

/** The selectors of a query in PromQL, without their ranges: what it reads, whatever it makes of it. */
export function selectorsOf(expression: string): string[] {
  const bare = expression
    // Labels that are grouped by, and durations, look like names.
    .replaceAll(/\b(by|on|ignoring|group_left|group_right) \([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/offset \S+/g, '')
  return [...bare.matchAll(SELECTOR)].flatMap(([selector, name = '']) => (WORDS.has(name) ? [] : [selector]))
}
