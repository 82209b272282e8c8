import type { ResourceChange } from '@aws-sdk/client-cloudformation'
import type { CostLine } from '../costs/cost-line.ts'
import type { LayerPlan } from './plan.ts'

const REPLACED: Record<string, string> = { True: ', replaced', Conditional: ', may be replaced' }
const SIGNS: Record<string, string> = { Add: '+', Modify: '~', Remove: '-', Import: '<' }

/** The plan as a person reads it, a line an item. */
export function describePlan(plans: readonly LayerPlan[]): string[] {
  return plans.flatMap(({ layer, kind, changes, contents, leftOut }) => [
    `${layer.padEnd(14)} ${headline(kind, changes, contents)}`,
    ...changes.map(describeChange),
    ...[...contents].map(([type, names]) => `  + ${type}${names.length > 1 ? ` x ${names.length}` : ''}`),
    ...(leftOut.length === 0
      ? []
      : [`  left out, because the stand-in does not know it: ${leftOut.join(', ')}`]),
  ])
}

function headline(
  kind: LayerPlan['kind'],
  changes: readonly ResourceChange[],
  contents: ReadonlyMap<string, string[]>,
): string {
  if (kind === 'unchanged') return 'unchanged'
  if (kind !== 'later') return `${kind}: ${count(changes.length, 'resource')}`
  const total = [...contents.values()].reduce((sum, { length }) => sum + length, 0)
  return `${count(total, 'resource')}, worked out in detail once what they refer to is there`
}

function describeChange(change: ResourceChange): string {
  const sign = SIGNS[change.Action ?? ''] ?? change.Action
  const replaced = REPLACED[change.Replacement ?? ''] ?? ''
  return `  ${sign} ${change.ResourceType} ${change.LogicalResourceId}${replaced}`
}

/** The estimate as a table with its sum, and what is paid so far. */
export function describeCosts(lines: readonly CostLine[], sofarUsd: number | undefined): string[] {
  const width = Math.max(...lines.map(({ what }) => what.length))
  const row = (what: string, usd: number, how: string) =>
    `  ${what.padEnd(width)} ${usd.toFixed(2).padStart(9)}  ${how}`.trimEnd()
  const before = sofarUsd === undefined ? '' : `until now ${sofarUsd.toFixed(2)}`
  return [...lines.map(({ what, usd, how }) => row(what, usd, how)), row('together', sumOf(lines), before)]
}

export const sumOf = (lines: readonly CostLine[]) => lines.reduce((sum, { usd }) => sum + usd, 0)

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
