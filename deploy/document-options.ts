import { readFileSync, writeFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { apiOptions } from '../api/options.ts'
import type { OptionsSchema } from '../lib/process/read-options.ts'
import { consumerOptions } from '../workers/consumer/options.ts'
import { producerOptions } from '../workers/producer/options.ts'
import { replaceTable } from './replace-between.ts'

/** The processes whose options a person sets, by the name of their command. */
const PROCESSES: Record<string, OptionsSchema> = {
  producer: producerOptions,
  consumer: consumerOptions,
  api: apiOptions,
}

const fileUrl = (path: string) => new URL(`../${path}`, import.meta.url)

type Option = { name: string; description: string; fallback: string | undefined; processes: string[] }

/** README with its table of options made anew between the two markers. */
export function renderReadme(readme: string): string {
  return replaceTable(readme, 'options', `${renderTable()}\n`)
}

/** `.env.example`: every option, commented out where it has a default or may be absent. */
export function renderEnvExample(): string {
  const lines = collectOptions().map(
    ({ name, description, fallback, processes }) =>
      `# ${description} [${processes.join(', ')}]\n${fallback === undefined ? `${name}=` : `# ${name}=${fallback}`}\n`,
  )
  return `# Options of producer, consumer and api. Written by \`npm run docs\`; do not edit.\n\n${lines.join('\n')}`
}

function renderTable(): string {
  const rows = collectOptions().map(
    ({ name, description, fallback, processes }) =>
      `| \`${name}\` | ${processes.join(', ')} | ${fallback === undefined ? 'required' : fallback === '' ? '' : `\`${fallback}\``} | ${description} |`,
  )
  return ['| variable | of | default | what it is |', '|---|---|---|---|', ...rows].join('\n')
}

function collectOptions(): Option[] {
  const options = new Map<string, Option>()
  for (const [process, schema] of Object.entries(PROCESSES)) {
    for (const [name, property] of Object.entries(schema.properties as Record<string, TSchema>)) {
      const known = options.get(name)
      if (known === undefined) options.set(name, describe(name, property, schema, process))
      else known.processes.push(process)
    }
  }
  return [...options.values()]
}

function describe(name: string, property: TSchema, schema: OptionsSchema, process: string): Option {
  const { description = '', default: value } = property as { description?: string; default?: unknown }
  const required = (schema.required as string[] | undefined)?.includes(name) === true
  const fallback =
    name === 'WORKER_ID'
      ? '<host>-<pid>'
      : value === undefined
        ? required
          ? undefined
          : ''
        : (value as string | number | boolean).toString()
  return { name, description, fallback, processes: [process] }
}

if (import.meta.main) {
  writeFileSync(fileUrl('README.md'), renderReadme(readFileSync(fileUrl('README.md'), 'utf8')))
  writeFileSync(fileUrl('.env.example'), renderEnvExample())
}
