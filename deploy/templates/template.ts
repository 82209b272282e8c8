import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml'
import { RoadpulseError } from '../../lib/errors.ts'

/** What JSON can hold. Functions of CloudFormation are objects of one key: `{ Ref }`, `{ 'Fn::Sub' }`. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }
export type Properties = { [key: string]: Value }

export type Resource = {
  Type: string
  Condition?: string
  DependsOn?: string | string[]
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
  Properties?: Properties
}
export type Parameter = {
  Type: string
  Default?: string | number
  Description?: string
  NoEcho?: boolean
  AllowedValues?: (string | number)[]
  AllowedPattern?: string
  ConstraintDescription?: string
  MinValue?: number
  MaxValue?: number
  MinLength?: number
}
/** What must hold of the parameters together; without a condition, always. */
export type Rule = {
  RuleCondition?: Value
  Assertions: { Assert: Value; AssertDescription: string }[]
}
export type Output = { Value: Value; Condition?: string; Export?: { Name: Value } }

export type Template = {
  Description?: string
  Metadata?: { [key: string]: Value }
  Parameters?: Record<string, Parameter>
  Rules?: Record<string, Rule>
  Mappings?: Record<string, Record<string, Record<string, Value>>>
  Conditions?: Record<string, Value>
  Resources: Record<string, Resource>
  Outputs?: Record<string, Output>
}

/** Reads a template with its short forms, such as `!Ref`, written out. Throws `CONFIGURATION` when it is not YAML. */
export function parseTemplate(text: string): Template {
  // The version that CloudFormation reads: there `on` and `yes` are booleans.
  const document = parseDocument(text, { version: '1.1', logLevel: 'error' })
  const [fault] = document.errors
  if (fault !== undefined) throw new RoadpulseError('CONFIGURATION', 'a template cannot be read', fault)
  return toValue(document.contents) as unknown as Template
}

function toValue(node: ParsedNode | null): Value {
  if (node === null) return null
  const tag = node.tag?.startsWith('!') ? node.tag.slice(1) : undefined
  const value = untagged(node)
  if (tag === undefined) return value
  if (tag === 'Ref' || tag === 'Condition') return { [tag]: value }
  if (tag === 'GetAtt' && typeof value === 'string') {
    const [resource = '', ...attribute] = value.split('.')
    return { 'Fn::GetAtt': [resource, attribute.join('.')] }
  }
  return { [`Fn::${tag}`]: value }
}

function untagged(node: ParsedNode): Value {
  if (isSeq(node)) return node.items.map((item) => toValue(item))
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => {
        const name = isScalar(key) ? String(key.value) : ''
        return [name, toValue(value)]
      }),
    )
  }
  if (isAlias(node)) throw new RoadpulseError('CONFIGURATION', 'CloudFormation knows no aliases')
  return node.value as Value
}
