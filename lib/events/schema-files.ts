import { readFileSync, writeFileSync } from 'node:fs'
import { ENVELOPES } from './envelope.ts'
import { RawEvent } from './raw-event.ts'

/** The JSON Schema files beside this module, by name: what the Flink tests validate against. */
export function renderSchemaFiles(): Map<string, string> {
  const schemas = { 'raw-event': RawEvent, ...ENVELOPES }
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2)}\n`,
    ]),
  )
}

export function schemaFileUrl(name: string): URL {
  return new URL(`./schemas/${name}`, import.meta.url)
}

export function readSchemaFile(name: string): string {
  return readFileSync(schemaFileUrl(name), 'utf8')
}

if (import.meta.main) {
  for (const [name, text] of renderSchemaFiles()) writeFileSync(schemaFileUrl(name), text)
}
