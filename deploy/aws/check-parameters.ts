import { LAYERS } from '../templates/layers.ts'
import { brokenRules } from '../templates/resolve.ts'
import type { Templates } from '../templates/resolve-layers.ts'
import type { Parameter } from '../templates/template.ts'

/** Parameters that follow from what is deployed: whoever deploys does not give them. */
export const OWN_PARAMETERS = ['Project', 'JarKey', 'ScriptKey', 'LibraryKey', 'ImageTag'] as const

/** All that is wrong with what was given, each in one line: what was got and what was expected. */
export function faultsOfParameters(templates: Templates, given: Readonly<Record<string, string>>): string[] {
  const known = knownParameters(templates)
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = known.get(name)
    if (parameter === undefined) return `there is no parameter ${name} (docs/aws.md lists them)`
    return faultOf(name, parameter, value)
  })
}

/** What the templates assert of several parameters together, as `values` would break it. */
export function faultsOfRules(templates: Templates, values: Readonly<Record<string, string>>): string[] {
  const required = [...knownParameters(templates)].filter(([, { Default }]) => Default === undefined)
  const filled = { ...Object.fromEntries(required.map(([name]) => [name, ''])), ...values }
  return [...new Set(LAYERS.flatMap((layer) => brokenRules(templates[layer], filled)))]
}

/** Each parameter once: the same name is the same in every layer. */
export function knownParameters(templates: Templates): ReadonlyMap<string, Parameter> {
  return new Map(LAYERS.flatMap((layer) => Object.entries(templates[layer].Parameters ?? {})))
}

function faultOf(name: string, parameter: Parameter, value: string): string[] {
  const got = parameter.NoEcho === true ? 'a secret that does not fit' : JSON.stringify(value)
  const expected = expectationOf(parameter)
  return fits(parameter, value) ? [] : [`${name}: got ${got}, expected ${expected}`]
}

function fits(parameter: Parameter, value: string): boolean {
  const { AllowedValues, AllowedPattern, MinLength } = parameter
  if (AllowedValues !== undefined && !AllowedValues.some((allowed) => `${allowed}` === value)) return false
  if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(value)) return false
  if (MinLength !== undefined && value.length < MinLength) return false
  if (parameter.Type !== 'Number') return true
  const number = Number(value)
  const { MinValue = -Infinity, MaxValue = Infinity } = parameter
  return value.trim() !== '' && number >= MinValue && number <= MaxValue
}

function expectationOf({ AllowedValues, ConstraintDescription, MinValue, MaxValue }: Parameter): string {
  if (AllowedValues !== undefined) return `one of ${AllowedValues.join(', ')}`
  if (ConstraintDescription !== undefined) return ConstraintDescription
  if (MinValue !== undefined && MaxValue !== undefined) return `a number from ${MinValue} to ${MaxValue}`
  return 'a text that is not empty'
}
