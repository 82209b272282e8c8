import { createHash } from 'node:crypto'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { Pace } from '../../lib/feeds/feed.ts'
import { Filter, faultsOfFilter } from '../../lib/feeds/filter.ts'
import { parseHour } from '../../lib/sources/raw-layer-source.ts'
import { type InvalidPart, Problem } from '../problems.ts'

const SOURCES = {
  csv: Type.Object(
    {
      kind: Type.Literal('csv'),
      uri: Type.String({
        pattern: '^s3://[^/]+/.+$',
        maxLength: 1_100,
        description: 's3://bucket/key of a CSV, plain or gzipped, with the columns of the dataset',
      }),
    },
    { additionalProperties: false, title: 'CSV' },
  ),
  'raw-layer': Type.Object(
    {
      kind: Type.Literal('raw-layer'),
      from: Type.String({ description: 'first hour of arrival, UTC, YYYY-MM-DDTHH' }),
      to: Type.String({ description: 'last hour of arrival, which belongs to it' }),
      feeds: Type.Optional(
        Type.Union([Type.Literal('live'), Type.Literal('all')], {
          default: 'live',
          description: 'all: with what replays have sent',
        }),
      ),
    },
    { additionalProperties: false, title: 'Raw layer' },
  ),
}

const NAME = Type.String({ minLength: 1, maxLength: 100, description: 'what people call it' })

/** The body of `POST /replays`, as the OpenAPI document has it. */
export const ReplayRequest = Type.Object(
  {
    source: Type.Union([SOURCES.csv, SOURCES['raw-layer']]),
    filter: Type.Optional(Filter),
    pace: Pace,
    name: Type.Optional(NAME),
  },
  { additionalProperties: false },
)
export type ReplayRequest = Static<typeof ReplayRequest>

/** The body of `PATCH /replays/{id}`. */
export const ReplayChange = Type.Object({ pace: Pace }, { additionalProperties: false })

type Fault = InvalidPart & { isShape: boolean }

/** Words of JSON Schema that say that a value is not of the right shape, rather than that it makes no sense. */
const SHAPE = new Set(['type', 'required', 'boolean', 'const', 'enum'])

/**
 * A request with all that is wrong with it at once, or not at all. Throws a problem: 400 when it does not have the shape
 * of a request, 422 when it has and makes no sense, each naming the fields.
 */
export function readReplayRequest(body: unknown): ReplayRequest {
  const request = readObject(body, ['source', 'filter', 'pace', 'name'])
  const faults = [
    ...faultsOfSource(request['source']),
    ...(request['filter'] === undefined ? [] : faultsIn('/body/filter', request['filter'])),
    ...faultsOfPace(request['pace']),
    ...(request['name'] === undefined ? [] : faultsOf(NAME, request['name'], '/body/name')),
  ]
  refuse(faults)
  return body as ReplayRequest
}

export function readReplayChange(body: unknown): Static<typeof ReplayChange> {
  refuse(faultsOfPace(readObject(body, ['pace'])['pace']))
  return body as Static<typeof ReplayChange>
}

/** The same for two requests that ask for the same. */
export function fingerprintOf(request: ReplayRequest): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('hex')
}

function readObject(body: unknown, fields: readonly string[]): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('INVALID_REQUEST', 'The body must be a JSON object.')
  }
  const unknown = Object.keys(body).filter((field) => !fields.includes(field))
  refuse(
    unknown.map((field) => ({
      pointer: `/body/${field}`,
      message: `is not known here; there are ${fields.join(', ')}`,
      isShape: true,
    })),
  )
  return body as Record<string, unknown>
}

function faultsOfSource(source: unknown): Fault[] {
  const kind = kindOf(source)
  if (kind !== 'csv' && kind !== 'raw-layer') return [wrongKind('/body/source', 'csv, raw-layer')]
  const faults = faultsOf(SOURCES[kind], source, '/body/source')
  if (kind === 'csv' || faults.length > 0) return faults
  const { from, to } = source as { from: string; to: string }
  const hours = { from: parseHour(from), to: parseHour(to) }
  for (const field of ['from', 'to'] as const) {
    if (hours[field] === undefined) {
      faults.push(nonsense(`/body/source/${field}`, 'must be a UTC hour such as 2026-11-23T14'))
    }
  }
  if (hours.from !== undefined && hours.to !== undefined && hours.to < hours.from) {
    faults.push(nonsense('/body/source/to', 'must not be earlier than from'))
  }
  return faults
}

function faultsOfPace(pace: unknown): Fault[] {
  const kind = kindOf(pace)
  const schema = Pace.anyOf.find(({ properties }) => properties.kind.const === kind)
  if (schema !== undefined) return faultsOf(schema, pace, '/body/pace')
  return [wrongKind('/body/pace', Pace.anyOf.map(({ properties }) => properties.kind.const).join(', '))]
}

const kindOf = (value: unknown): unknown => (value as { kind?: unknown } | null | undefined)?.kind

const wrongKind = (pointer: string, kinds: string): Fault => ({
  pointer,
  message: `must be an object whose kind is one of: ${kinds}`,
  isShape: true,
})

const nonsense = (pointer: string, message: string): Fault => ({ pointer, message, isShape: false })

function faultsIn(pointer: string, filter: unknown): Fault[] {
  return faultsOfFilter(filter).map(({ field, message, isShape }) => ({
    pointer: field === '' ? pointer : `${pointer}/${field.replaceAll('.', '/')}`,
    message,
    isShape,
  }))
}

function faultsOf(schema: TSchema, value: unknown, pointer: string): Fault[] {
  return (
    Value.Errors(schema, value)
      // A name that is not known is said twice: by the object that has it, and by the name.
      .filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'additionalProperties')
      .map(({ keyword, instancePath, message }) => ({
        pointer: `${pointer}${instancePath}`,
        message: keyword === 'boolean' ? 'is not known here' : message,
        isShape: SHAPE.has(keyword),
      }))
  )
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length === 0) return
  const text = faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')
  const isShape = faults.some((fault) => fault.isShape)
  throw new Problem(isShape ? 'INVALID_REQUEST' : 'UNPROCESSABLE_REQUEST', text, {
    errors: faults.map(({ pointer, message }) => ({ pointer, message })),
  })
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
