import type { Template, Value } from './template.ts'

/**
 * A template without some resources, and who they were: all of a type (`AWS::Grafana::Workspace`), or those of it that
 * have a property (`AWS::CloudWatch::Alarm.Metrics`). What refers to one of them gets its logical name in place of its
 * address; dependencies on it go with it.
 */
export function leaveOut(
  template: Template,
  unknown: readonly string[],
): { template: Template; leftOut: string[] } {
  const isLeftOut = (name: string) => {
    const { Type = '', Properties = {} } = template.Resources[name] ?? {}
    return unknown.includes(Type) || Object.keys(Properties).some((key) => unknown.includes(`${Type}.${key}`))
  }
  const leftOut = Object.keys(template.Resources).filter(isLeftOut)
  if (leftOut.length === 0) return { template, leftOut }
  const kept = Object.entries(template.Resources).filter(([name]) => !isLeftOut(name))
  const Resources = kept.map(([name, { DependsOn, ...resource }]) => {
    const needed = [DependsOn ?? []].flat().filter((dependency) => !isLeftOut(dependency))
    const rest = withoutReferences(resource, isLeftOut)
    return [name, needed.length === 0 ? rest : { ...rest, DependsOn: needed }]
  })
  return {
    template: {
      ...template,
      Resources: Object.fromEntries(Resources) as Template['Resources'],
      ...(template.Outputs === undefined ? {} : { Outputs: withoutReferences(template.Outputs, isLeftOut) }),
    },
    leftOut,
  }
}

function withoutReferences<T extends object>(part: T, isLeftOut: (name: string) => boolean): T {
  return replaceIn(part as Value, isLeftOut) as T
}

function replaceIn(value: Value, isLeftOut: (name: string) => boolean): Value {
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, isLeftOut))
  if (value === null || typeof value !== 'object') return value
  const [key, argument] = Object.entries(value)[0] ?? []
  if (key === 'Ref' && isLeftOut(argument as string)) return argument as string
  if (key === 'Fn::GetAtt') {
    const [name] = argument as string[]
    return name !== undefined && isLeftOut(name) ? name : value
  }
  if (key === 'Fn::Sub' && argument !== undefined) return { [key]: replaceInText(argument, isLeftOut) }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceIn(item, isLeftOut)]))
}

function replaceInText(argument: Value, isLeftOut: (name: string) => boolean): Value {
  const replace = (text: string) =>
    text.replaceAll(/\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}/g, (whole, name: string) =>
      isLeftOut(name) ? name : whole,
    )
  if (!Array.isArray(argument)) return replace(argument as string)
  const [text, variables = {}] = argument
  return [replace(text as string), replaceIn(variables, isLeftOut)]
}
