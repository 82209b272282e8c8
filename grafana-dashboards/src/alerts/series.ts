import type { Definition } from '../../../lib/process/metrics/definition.ts'
import { METRICS } from '../../../lib/process/metrics/metric-table.ts'
import type { FLINK_METRICS } from '../flink-metrics.ts'

type Table = typeof METRICS & typeof FLINK_METRICS
type SeriesName = keyof Table
type NamesOf<Type extends Definition['type']> = {
  [Name in SeriesName]: Table[Name]['type'] extends Type ? Name : never
}[SeriesName]
type HistogramName = Extract<NamesOf<'histogram'>, keyof typeof METRICS>

type OneOrMore<Value> = Value | readonly Value[]
type ValueOf<Bound> = Bound extends readonly string[] ? Bound[number] : string
type Matchers<Name extends SeriesName> = {
  [Label in keyof Table[Name]['labels']]?: OneOrMore<ValueOf<Table[Name]['labels'][Label]>>
}

/** A selector of PromQL. The compiler refuses a metric, a label or a value that is not in the table of metrics. */
export function series<Name extends NamesOf<'counter' | 'gauge'>>(
  name: Name,
  matchers: Matchers<Name> = {},
): string {
  return `${name}${braces(equalities(matchers))}`
}

/** All observations of a histogram; `where` is PromQL for what equality cannot say. */
export function countOf<Name extends HistogramName>(
  name: Name,
  matchers: Matchers<Name> = {},
  where: readonly string[] = [],
): string {
  return `${name}_count${braces([...equalities(matchers), ...where])}`
}

/** The observations of a histogram by bucket. With `le`: those up to a bound that it must have. */
export function bucketOf<Name extends HistogramName>(
  name: Name,
  matchers: Matchers<Name> = {},
  options: { le?: number; where?: readonly string[] } = {},
): string {
  const { le, where = [] } = options
  if (le === undefined) return `${name}_bucket${braces([...equalities(matchers), ...where])}`
  const bounds: readonly number[] = METRICS[name].buckets
  if (!bounds.includes(le)) throw new Error(`${name} has no bucket that ends at ${le}`)
  // From version 3 on Prometheus writes whole bounds with a decimal.
  const bound = Number.isInteger(le) ? `le=~"${le}(\\\\.0)?"` : `le="${le}"`
  return `${name}_bucket${braces([...equalities(matchers), bound, ...where])}`
}

function equalities(matchers: Readonly<Record<string, OneOrMore<string | number> | undefined>>): string[] {
  return Object.entries(matchers).flatMap(([label, value]) => {
    if (value === undefined) return []
    return [typeof value === 'object' ? `${label}=~"${value.join('|')}"` : `${label}="${value}"`]
  })
}

const braces = (matchers: readonly string[]) => (matchers.length === 0 ? '' : `{${matchers.join(',')}}`)
