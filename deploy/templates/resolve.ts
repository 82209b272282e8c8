import { RoadpulseError } from '../../lib/errors.ts'
import { evaluate, evaluateCondition, type Scope } from './evaluate.ts'
import type { Properties, Resource, Template, Value } from './template.ts'

export type ResolvedResource = Omit<Resource, 'Properties' | 'DependsOn'> & {
  Properties: Properties
  DependsOn: string[]
}

/** A template with its parameters filled in, without what its conditions rule out. */
export type ResolvedTemplate = {
  resources: Record<string, ResolvedResource>
  outputs: Record<string, Value>
  exports: Map<string, Value>
}

/**
 * What CloudFormation would make of a template. A reference to a resource becomes `<name>`, to its attribute
 * `<name.attribute>`. Throws `CONFIGURATION` when a name is referred to that is not there: a resource that conditions
 * rule out, or an import that `imports` does not have.
 */
export function resolveTemplate(
  template: Template,
  given: Readonly<Record<string, string>>,
  imports: ReadonlyMap<string, Value> = new Map(),
): ResolvedTemplate {
  const scope = createScope(template, given, imports)
  const isThere = (part: { Condition?: string }) =>
    part.Condition === undefined || scope.condition(part.Condition)
  const resources = Object.entries(template.Resources)
    .filter(([, resource]) => isThere(resource))
    .map(([name, resource]): [string, ResolvedResource] => {
      const { Properties = {}, DependsOn = [], ...rest } = resource
      const properties = evaluate(Properties, scope) as Properties
      return [name, { ...rest, DependsOn: [DependsOn].flat(), Properties: properties }]
    })
  const outputs: Record<string, Value> = {}
  const exports = new Map<string, Value>()
  for (const [name, output] of Object.entries(template.Outputs ?? {}).filter(([, part]) => isThere(part))) {
    const value = evaluate(output.Value, scope)
    outputs[name] = value
    if (output.Export !== undefined) exports.set(evaluate(output.Export.Name, scope) as string, value)
  }
  return { resources: Object.fromEntries(resources), outputs, exports }
}

/** The names of the resources that a template's conditions leave, without looking at what they hold. */
export function presentResources(
  template: Template,
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const scope = createScope(template, given, new Map())
  return Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([name]) => name)
}

/** What the template's rules say against these values, in their own words. */
export function brokenRules(template: Template, given: Readonly<Record<string, string>>): string[] {
  const rules = Object.values(template.Rules ?? {})
  const scope = createScope(template, given, new Map())
  return rules.flatMap(({ RuleCondition, Assertions }) => {
    if (RuleCondition !== undefined && !evaluateCondition(RuleCondition, scope)) return []
    return Assertions.filter(({ Assert }) => !evaluateCondition(Assert, scope)).map(
      ({ AssertDescription }) => AssertDescription,
    )
  })
}

function createScope(
  template: Template,
  given: Readonly<Record<string, string>>,
  imports: ReadonlyMap<string, Value>,
): Scope {
  const parameters = new Map<string, Value>()
  for (const [name, { Default }] of Object.entries(template.Parameters ?? {})) {
    const value = given[name] ?? Default
    if (value === undefined) throw fault(`the parameter ${name} has no value`)
    parameters.set(name, `${value}`)
  }
  const scope: Scope = {
    parameters,
    mappings: template.Mappings ?? {},
    condition(name) {
      const definition = template.Conditions?.[name]
      if (definition === undefined) throw fault(`there is no condition ${name}`)
      return evaluateCondition(definition, scope)
    },
    reference: (name) => `<${existing(name)}>`,
    attribute: (name, attribute) => `<${existing(name)}.${attribute}>`,
    imported(name) {
      const value = imports.get(name)
      if (value === undefined) throw fault(`no earlier layer exports ${name}`)
      return value
    },
  }
  function existing(name: string): string {
    const resource = template.Resources[name]
    if (resource === undefined) throw fault(`there is no resource or parameter ${name}`)
    if (resource.Condition !== undefined && !scope.condition(resource.Condition))
      throw fault(`${name} is referred to and is not there`)
    return name
  }
  return scope
}

function fault(message: string): RoadpulseError {
  return new RoadpulseError('CONFIGURATION', message)
}
