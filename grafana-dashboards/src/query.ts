import type { METRICS } from '../../lib/process/metrics/metric-table.ts'
import { libraryMetrics } from '../../lib/process/metrics/table/consumer.ts'
import type { FLINK_METRICS } from './flink-metrics.ts'
import type { NODE_METRICS } from './node-metrics.ts'

type Table = typeof METRICS & typeof NODE_METRICS & typeof FLINK_METRICS
export type QueriedMetric = keyof Table
type NamesOf<Type> = {
  [Name in QueriedMetric]: Table[Name]['type'] extends Type ? Name : never
}[QueriedMetric]

declare const LABELS: unique symbol
declare const SORT: unique symbol
/**
 * A query in PromQL, of which the compiler knows by which labels its series differ. An age (a lag, a delay, a point in
 * time) is no amount: ages of several processes have a maximum, and their sum means nothing.
 */
export type Query<
  Label extends string = string,
  Sort extends 'amount' | 'age' = 'amount' | 'age',
> = string & {
  readonly [LABELS]?: Label
  readonly [SORT]?: Sort
}

/** Who was scraped; `environment` is left out, because a dashboard shows one. */
type TargetLabel = 'instance'
type LabelOf<Name extends QueriedMetric> = Extract<keyof Table[Name]['labels'], string>
type SortOf<Name extends QueriedMetric> = Table[Name] extends { type: 'gauge'; unit: 'seconds' }
  ? 'age'
  : 'amount'
type ValueOf<Bound> = Bound extends readonly string[] ? Bound[number] : string
type Matcher<Value> = Value | readonly Value[] | `$${string}` | { not: Value }
/** Labels that the metric has, with values that it can have, or with a variable of the dashboard. */
export type Matchers<Name extends QueriedMetric> = {
  [Label in LabelOf<Name>]?: Matcher<ValueOf<Table[Name]['labels'][Label & keyof Table[Name]['labels']]>>
}

export function gauge<Name extends NamesOf<'gauge'>>(name: Name, matchers: Matchers<Name> = {}) {
  return toQuery<LabelOf<Name> | TargetLabel, SortOf<Name>>(ofItsService(name, select(name, matchers)))
}

/** A second, over as long as makes sense at the resolution that is shown. */
export function rate<Name extends NamesOf<'counter'>>(name: Name, matchers: Matchers<Name> = {}) {
  return toQuery<LabelOf<Name> | TargetLabel, 'amount'>(
    ofItsService(name, `rate(${select(name, matchers)}[$__rate_interval])`),
  )
}

/** How many, in each of the steps that are shown. */
export function increase<Name extends NamesOf<'counter'>>(name: Name, matchers: Matchers<Name> = {}) {
  return toQuery<LabelOf<Name> | TargetLabel, 'amount'>(
    ofItsService(name, `increase(${select(name, matchers)}[$__rate_interval])`),
  )
}

/** How fast a gauge that holds a count changes, a second. */
export function slope<Name extends NamesOf<'gauge'>>(name: Name, matchers: Matchers<Name> = {}) {
  return toQuery<LabelOf<Name> | TargetLabel, 'amount'>(
    ofItsService(name, `deriv(${select(name, matchers)}[$__rate_interval])`),
  )
}

/** How often a gauge has changed in each of the steps that are shown. */
export function changes<Name extends NamesOf<'gauge'>>(name: Name, matchers: Matchers<Name> = {}) {
  return toQuery<LabelOf<Name> | TargetLabel, 'amount'>(
    ofItsService(name, `changes(${select(name, matchers)}[$__rate_interval])`),
  )
}

/** What this share of the observations does not exceed, of all processes together. */
export function quantile<
  Name extends NamesOf<'histogram'>,
  Label extends LabelOf<Name> | TargetLabel = never,
>(share: number, name: Name, matchers: Matchers<Name> = {}, ...by: Label[]) {
  const buckets = ofItsService(name, `rate(${select(`${name}_bucket`, matchers)}[$__rate_interval])`)
  return toQuery<Label, 'age'>(
    `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (${buckets}))`,
  )
}

/** How many observations a second. */
export function observations<Name extends NamesOf<'histogram'>>(name: Name, matchers: Matchers<Name> = {}) {
  const count = select(`${name}_count`, matchers)
  return toQuery<LabelOf<Name> | TargetLabel, 'amount'>(
    ofItsService(name, `rate(${count}[$__rate_interval])`),
  )
}

export function sum<Label extends string, By extends Label = never>(
  query: Query<Label, 'amount'>,
  ...by: By[]
) {
  return toQuery<By, 'amount'>(aggregate('sum', query, by))
}

export function max<Label extends string, Sort extends 'amount' | 'age', By extends Label = never>(
  query: Query<Label, Sort>,
  ...by: By[]
) {
  return toQuery<By, Sort>(aggregate('max', query, by))
}

export function min<Label extends string, Sort extends 'amount' | 'age', By extends Label = never>(
  query: Query<Label, Sort>,
  ...by: By[]
) {
  return toQuery<By, Sort>(aggregate('min', query, by))
}

/** How many series there are. */
export function count<Label extends string, By extends Label = never>(query: Query<Label>, ...by: By[]) {
  return toQuery<By, 'amount'>(aggregate('count', query, by))
}

export function largest<Label extends string, Sort extends 'amount' | 'age'>(
  number: number,
  query: Query<Label, Sort>,
) {
  return toQuery<Label, Sort>(`topk(${number}, ${query})`)
}

/** One amount as a share of another, series by series. */
export function ratio<Label extends string>(part: Query<Label, 'amount'>, whole: Query<Label, 'amount'>) {
  return toQuery<Label, 'amount'>(`${part} / ${whole}`)
}

/** What is told in ms a second, as a share. */
export function perSecond<Label extends string>(milliseconds: Query<Label, 'amount'>) {
  return toQuery<Label, 'amount'>(`${milliseconds} / 1000`)
}

/** How long ago a moment was. */
export function age<Label extends string>(moment: Query<Label, 'age'>) {
  return toQuery<Label, 'age'>(`time() - ${moment}`)
}

/** With the service of each process, and its version. */
export function ofService<Label extends string, Sort extends 'amount' | 'age'>(query: Query<Label, Sort>) {
  return toQuery<Label | 'service' | 'version', Sort>(
    `${query} * on (environment, instance) group_left (service, version) ${select('build_info', {})}`,
  )
}

/**
 * What the library for Kinesis measures is shown for the consumers: on one machine the stand-in for Firehose reads stream 1
 * by it as well.
 */
function ofItsService(name: QueriedMetric, series: string): string {
  if (!(name in libraryMetrics.metrics)) return series
  return `${series} and on (environment, instance) ${select('build_info', { service: 'consumer' })}`
}

function aggregate(operator: string, query: string, by: readonly string[]): string {
  return by.length === 0 ? `${operator}(${query})` : `${operator} by (${by.join(', ')}) (${query})`
}

function select(name: string, matchers: object): string {
  const written = Object.entries({ environment: '$environment', ...matchers }).map(
    ([label, matcher]) => `${label}${writeMatcher(matcher as Matcher<string>)}`,
  )
  return `${name}{${written.join(', ')}}`
}

function writeMatcher(matcher: Matcher<string>): string {
  if (typeof matcher !== 'string') return 'not' in matcher ? `!="${matcher.not}"` : `=~"${matcher.join('|')}"`
  // A variable may stand for several values.
  return matcher.startsWith('$') ? `=~"${matcher}"` : `="${matcher}"`
}

function toQuery<Label extends string, Sort extends 'amount' | 'age'>(text: string) {
  return text as Query<Label, Sort>
}
