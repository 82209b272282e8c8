import { RoadpulseError } from '../../lib/errors.ts'
import type { Template, Value } from './template.ts'

/** What a value of a template may ask for. A name that is not there is a fault in the template. */
export type Scope = {
  parameters: ReadonlyMap<string, Value>
  mappings: NonNullable<Template['Mappings']>
  condition(name: string): boolean
  reference(resource: string): Value
  attribute(resource: string, attribute: string): Value
  imported(name: string): Value
}

/** What `AWS::NoValue` leaves behind, until who holds it drops it. */
const NOTHING = Symbol('AWS::NoValue')

const PSEUDO_PARAMETERS: Record<string, string> = {
  'AWS::AccountId': '000000000000',
  'AWS::Region': 'us-east-1',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** Computes a value of a template as CloudFormation would. Throws `CONFIGURATION` for what it would refuse. */
export function evaluate(value: Value, scope: Scope): Value {
  const result = compute(value, scope)
  return result === NOTHING ? null : result
}

export function evaluateCondition(value: Value, scope: Scope): boolean {
  const [name, argument] = Object.entries(value as object)[0] as [string, Value]
  const all = () => (argument as Value[]).map((item) => evaluateCondition(item, scope))
  switch (name) {
    case 'Condition':
      return scope.condition(argument as string)
    case 'Fn::Equals': {
      const [left, right] = (argument as Value[]).map((item) => textOf(evaluate(item, scope)))
      return left === right
    }
    case 'Fn::Not':
      return !all()[0]
    case 'Fn::And':
      return all().every(Boolean)
    case 'Fn::Or':
      return all().some(Boolean)
    default:
      throw fault(`${name} is not a condition`)
  }
}

function compute(value: Value, scope: Scope): Value | typeof NOTHING {
  if (Array.isArray(value))
    return value.map((item) => compute(item, scope)).filter((item) => item !== NOTHING)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value)
  const [name, argument] = entries[0] ?? []
  if (entries.length === 1 && name !== undefined && argument !== undefined) {
    if (name === 'Ref') return refer(argument as string, scope)
    if (name.startsWith('Fn::')) return call(name, argument, scope)
  }
  const computed = entries.map(([key, item]) => [key, compute(item, scope)] as const)
  return Object.fromEntries(computed.filter(([, item]) => item !== NOTHING)) as Value
}

function call(name: string, argument: Value, scope: Scope): Value | typeof NOTHING {
  if (name === 'Fn::If') {
    const [condition, whenTrue = null, whenFalse = null] = argument as Value[]
    return compute(scope.condition(condition as string) ? whenTrue : whenFalse, scope)
  }
  if (name === 'Fn::Sub') return substitute(argument, scope)
  const computed = evaluate(argument, scope)
  const list = Array.isArray(computed) ? computed : []
  switch (name) {
    case 'Fn::GetAtt':
      return scope.attribute(list[0] as string, list[1] as string)
    case 'Fn::ImportValue':
      return scope.imported(textOf(computed))
    case 'Fn::FindInMap': {
      const [map, top, second] = list.map(textOf)
      const found = scope.mappings[map ?? '']?.[top ?? '']?.[second ?? '']
      if (found === undefined) throw fault(`there is no ${map}.${top}.${second}`)
      return found
    }
    case 'Fn::Join':
      return (list[1] as Value[]).map(textOf).join(list[0] as string)
    case 'Fn::Split':
      return textOf(list[1] ?? '').split(list[0] as string)
    case 'Fn::Select':
      return (list[1] as Value[])[Number(list[0])] ?? NOTHING
    case 'Fn::GetAZs':
      return ['us-east-1a', 'us-east-1b', 'us-east-1c']
    case 'Fn::Cidr':
      return Array.from({ length: Number(list[1]) }, (_, index) => `${textOf(list[0] ?? '')}#${index}`)
    default:
      throw fault(`${name} is not known`)
  }
}

function refer(name: string, scope: Scope): Value | typeof NOTHING {
  if (name === 'AWS::NoValue') return NOTHING
  return PSEUDO_PARAMETERS[name] ?? scope.parameters.get(name) ?? scope.reference(name)
}

/** `${Name}`, `${Resource.Attribute}`, names of the list's second element; `${!Name}` stays as `${Name}`. */
function substitute(argument: Value, scope: Scope): string {
  const [text, variables = {}] = Array.isArray(argument) ? argument : [argument]
  const own = variables as { [key: string]: Value }
  return (text as string).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`
    if (own[name] !== undefined) return textOf(evaluate(own[name], scope))
    const [resource = '', ...attribute] = name.split('.')
    if (attribute.length > 0) return textOf(scope.attribute(resource, attribute.join('.')))
    const value = refer(name, scope)
    return value === NOTHING ? '' : textOf(value)
  })
}

function textOf(value: Value): string {
  if (value !== null && typeof value === 'object') throw fault(`${JSON.stringify(value)} is not text`)
  return String(value)
}

function fault(message: string): RoadpulseError {
  return new RoadpulseError('CONFIGURATION', message)
}
