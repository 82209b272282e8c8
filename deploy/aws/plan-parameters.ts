import type { Parameter, Stack } from '@aws-sdk/client-cloudformation'
import { LAYERS, type Layer } from '../templates/layers.ts'
import type { Templates } from '../templates/resolve-layers.ts'

/** The stacks that are there, by their layer. */
export type DeployedLayers = Partial<Record<Layer, Stack>>

/**
 * The parameters of one layer: what is chosen now, else what an earlier deploy was given, here or in another layer
 * under the same name, else what the template says. What CloudFormation keeps to itself stays as it is by its name.
 */
export function planParameters(
  layer: Layer,
  templates: Templates,
  chosen: Readonly<Record<string, string>>,
  deployed: DeployedLayers,
): Parameter[] {
  const own = valuesOf(deployed[layer])
  const elsewhere = valuesOfAll(deployed)
  return Object.entries(templates[layer].Parameters ?? {}).flatMap(
    ([ParameterKey, { NoEcho }]): Parameter[] => {
      const value = chosen[ParameterKey]
      if (value !== undefined) return [{ ParameterKey, ParameterValue: value }]
      if (own[ParameterKey] !== undefined) return [{ ParameterKey, UsePreviousValue: true }]
      const other = NoEcho === true ? undefined : elsewhere[ParameterKey]
      return other === undefined ? [] : [{ ParameterKey, ParameterValue: other }]
    },
  )
}

/** What all parameters will be, as far as it can be known; secrets as CloudFormation shows them. */
export function effectiveParameters(
  chosen: Readonly<Record<string, string>>,
  deployed: DeployedLayers,
): Record<string, string> {
  return { ...valuesOfAll(deployed), ...chosen }
}

function valuesOfAll(deployed: DeployedLayers): Record<string, string> {
  return Object.assign({}, ...LAYERS.map((layer) => valuesOf(deployed[layer]))) as Record<string, string>
}

function valuesOf(stack: Stack | undefined): Record<string, string> {
  const entries = (stack?.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
    ParameterKey,
    ParameterValue,
  ])
  return Object.fromEntries(entries) as Record<string, string>
}
