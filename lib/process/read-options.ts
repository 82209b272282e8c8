import type { Static, TObject, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { RoadpulseError } from '../errors.ts'

/** What a process may be told: one TypeBox object, a property per environment variable with description and default. */
export type OptionsSchema = TObject

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a process's options from the environment. An empty variable counts as absent. Throws one `CONFIGURATION`
 * error that names every fault at once: what was got and what was expected.
 */
export function readOptions<T extends OptionsSchema>(schema: T, environment: Environment): Static<T> {
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(schema.properties)) {
    const text = environment[name]
    if (text !== undefined && text !== '') given[name] = text
  }
  const options = Value.Convert(schema, Value.Default(schema, given))
  const faults = Object.entries(schema.properties as Record<string, TSchema>).flatMap(([name, property]) =>
    faultsOf(name, property, (options as Record<string, unknown>)[name], !isOptional(schema, name)),
  )
  if (faults.length > 0) {
    throw new RoadpulseError(
      'CONFIGURATION',
      `wrong configuration:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
  }
  return options as Static<T>
}

/** The text of `--help`: each variable with its default and what it is for. */
export function describeOptions(schema: OptionsSchema): string {
  const rows = Object.entries(schema.properties as Record<string, PropertySchema>).map(([name, property]) => {
    const fallback =
      property.default === undefined
        ? requirement(schema, name)
        : `default ${JSON.stringify(property.default)}`
    return [name, `${property.description ?? ''} (${fallback})`] as const
  })
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n')
}

/** The options as they may be logged: secrets and passwords inside URLs are masked. */
export function maskOptions(
  schema: OptionsSchema,
  options: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const property = (schema.properties as Record<string, PropertySchema>)[name]
      if (property?.writeOnly === true) return [name, '***']
      return [name, typeof value === 'string' ? value.replace(/(\/\/[^/@]*:)[^@]*@/, '$1***@') : value]
    }),
  )
}

type PropertySchema = TSchema & { description?: string; default?: unknown; writeOnly?: boolean }

function requirement(schema: OptionsSchema, name: string): string {
  return isOptional(schema, name) ? 'optional' : 'required'
}

function isOptional(schema: OptionsSchema, name: string): boolean {
  return !(schema.required as string[] | undefined)?.includes(name)
}

function faultsOf(name: string, property: PropertySchema, value: unknown, required: boolean): string[] {
  const expected = property.description ?? 'a value'
  if (value === undefined) return required ? [`${name} is missing, expected ${expected}`] : []
  const [fault] = Value.Errors(property, value)
  if (fault === undefined) return []
  const got = property.writeOnly === true ? 'a secret that does not fit' : JSON.stringify(value)
  return [`${name}: got ${got}, expected ${expected} (${fault.message})`]
}
