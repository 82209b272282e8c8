import { Value } from 'typebox/value'
import type { Schema } from './api-document.ts'

/** Values that a schema takes, and such as lie just beyond what it takes. */
export type SchemaValues = { inside: unknown[]; outside: unknown[] }

/** Texts of the kinds that our patterns and formats ask for; which fits where is asked of the schema. */
const TEXTS = [
  '',
  'x',
  'TX',
  'tx',
  'TXS',
  's3://source/a.csv',
  's3://source',
  '2026-11-23T14',
  '2026-11-23T14:00Z',
  '2026-11-23T14:00:00.000Z',
  '2026-13-23T14:00:00Z',
  '1795430417123.replay-x',
  '1795430417123.',
  'live-3/1-0',
  '%$/',
]
const OTHER_TYPES = [null, true, 0, 'x', [], {}]
const NUMBERS = [0, 1, -1, 0.5, 1e15]
/** Of an array or text without a bound. */
const SOME = 3

/** The values of a schema at its bounds. The schema itself says on which side each of them is. */
export function boundaryValues(schema: Schema): SchemaValues {
  const values = known.get(schema) ?? classify(schema)
  known.set(schema, values)
  return values
}

const known = new WeakMap<Schema, SchemaValues>()

function classify(schema: Schema): SchemaValues {
  const values: SchemaValues = { inside: [], outside: [] }
  const seen = new Set<string>()
  for (const value of candidates(schema)) {
    const text = JSON.stringify(value)
    if (text === undefined || seen.has(text)) continue
    seen.add(text)
    values[Value.Check(schema, value) ? 'inside' : 'outside'].push(value)
  }
  return values
}

function candidates(schema: Schema): unknown[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(candidates)
  if (schema.enum !== undefined)
    return [...schema.enum, ...schema.enum.map((value) => `${String(value)}x`), ...OTHER_TYPES]
  switch (schema.type) {
    case 'integer':
    case 'number':
      return [...numbersOf(schema), ...OTHER_TYPES]
    case 'string':
      return [...textsOf(schema), ...OTHER_TYPES]
    case 'array':
      return [...arraysOf(schema), ...OTHER_TYPES]
    case 'object':
      return [...objectsOf(schema), ...OTHER_TYPES]
    default:
      return OTHER_TYPES
  }
}

function numbersOf({ minimum, maximum, exclusiveMinimum }: Schema): number[] {
  const bounds = [minimum, maximum, exclusiveMinimum].filter((bound) => bound !== undefined)
  return [...bounds.flatMap((bound) => [bound - 1, bound, bound + 1, bound + 0.001]), ...NUMBERS]
}

function textsOf(schema: Schema): string[] {
  const { minLength = 0, maxLength = SOME } = schema
  const bounded = [minLength - 1, minLength, maxLength, maxLength + 1].map((length) =>
    'x'.repeat(Math.max(length, 0)),
  )
  // Where the pattern holds the bound, its own repetitions say how long it may be.
  const repeated = [...(schema.pattern ?? '').matchAll(/,(\d+)\}/g)].flatMap(([, end]) => [
    'x'.repeat(Number(end)),
    'x'.repeat(Number(end) + 1),
  ])
  return [...bounded, ...repeated, ...TEXTS]
}

function arraysOf({ items = {}, minItems = 0, maxItems = SOME }: Schema): unknown[][] {
  const { inside, outside } = boundaryValues(items)
  const filled = (length: number) => Array.from({ length: Math.max(length, 0) }, () => inside[0])
  return [
    ...[minItems - 1, minItems, maxItems, maxItems + 1].map(filled),
    ...inside.map((value) => [value]),
    ...outside.map((value) => [value]),
  ]
}

function objectsOf({ properties = {}, required = [] }: Schema): object[] {
  const values = Object.entries(properties).map(([name, schema]) => [name, boundaryValues(schema)] as const)
  const first = values.map(([name, { inside }]) => [name, inside[0]] as const)
  const whole = Object.fromEntries(first)
  const least = Object.fromEntries(first.filter(([name]) => required.includes(name)))
  return [
    whole,
    least,
    { ...least, unknown: 1 },
    ...Object.keys(whole).map((name) => ({ ...whole, [name]: undefined })),
    ...values.flatMap(([name, { inside, outside }]) =>
      [...inside, ...outside].map((value) => ({ ...least, [name]: value })),
    ),
  ]
}
