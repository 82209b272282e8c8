import { at, numberOf, textOf } from '../../deploy/checks/rule.ts'
import type { Properties } from '../../deploy/templates/template.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

const COMPARE: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
}

/**
 * The state of an alarm after the latest of `datapoints`, one a period, oldest first; nothing where a period has none.
 * As CloudWatch documents it: DatapointsToAlarm of the last EvaluationPeriods have to breach, and a missing one is filled
 * in by TreatMissingData. (CloudWatch also looks a few periods further back for real ones, which only delays a change.)
 */
export function evaluateAlarm(
  properties: Properties,
  datapoints: readonly (number | undefined)[],
): AlarmState {
  const periods = numberOf(properties.EvaluationPeriods)
  const needed = numberOf(properties.DatapointsToAlarm, periods)
  const missing = textOf(properties.TreatMissingData, 'missing')
  const breaches = COMPARE[textOf(properties.ComparisonOperator)]
  if (breaches === undefined) throw new Error(`no comparison ${textOf(properties.ComparisonOperator)}`)
  const window = Array.from(
    { length: periods },
    (_, index) => datapoints[datapoints.length - periods + index],
  )
  if (missing === 'missing' && window.every((value) => value === undefined)) return 'INSUFFICIENT_DATA'
  const breaching = window.filter((value) =>
    value === undefined ? missing === 'breaching' : breaches(value, numberOf(properties.Threshold)),
  )
  return breaching.length >= needed ? 'ALARM' : 'OK'
}

/**
 * The datapoints of an alarm on an expression over metrics of these names, or of these ids where one metric is looked at
 * by several. Only what our templates use is known.
 */
export function computeExpression(
  properties: Properties,
  series: Record<string, readonly (number | undefined)[]>,
): (number | undefined)[] {
  const parts = (properties.Metrics ?? []) as Properties[]
  const byId = new Map(
    parts.flatMap((part) => {
      const name = textOf(at(part, 'MetricStat', 'Metric', 'MetricName'))
      const id = textOf(part.Id)
      return name === '' ? [] : [[id, series[id] ?? series[name] ?? []] as const]
    }),
  )
  const expression = textOf(parts.find((part) => part.Expression !== undefined)?.Expression)
  const difference = /^DIFF\((\w+)\)$/.exec(expression)?.[1]
  if (difference !== undefined) {
    const values = byId.get(difference) ?? []
    return values.map((value, index) => {
      const before = values[index - 1]
      return value === undefined || before === undefined ? undefined : value - before
    })
  }
  const length = Math.max(...[...byId.values()].map((values) => values.length))
  return Array.from({ length }, (_, index) => {
    const known = [...byId].map(([id, values]) => [id, values[index]] as const)
    if (known.some(([, value]) => value === undefined)) return undefined
    return compute(expression, Object.fromEntries(known) as Record<string, number>)
  })
}

/** `a + b - c` and `100 * MAX([a / 1048576, b]) / (60 * 2)`: from the left, products first. */
function compute(expression: string, values: Record<string, number>): number {
  const plain = expression.replaceAll(/[a-z]\w*/g, (name) => `${values[name]}`)
  if (!/^(?:MAX\(\[[\d\s.,+*/()-]+\]\)|[\d\s.+*/()-])+$/.test(plain))
    throw new Error(`not an expression: ${plain}`)
  const script = plain.replaceAll(/MAX\(\[([^\]]+)\]\)/g, 'Math.max($1)')
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- digits and operators only, as checked above
  return Number(new Function(`return ${script}`)())
}
