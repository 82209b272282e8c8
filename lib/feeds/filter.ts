import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { RawEvent } from '../events/raw-event.ts'
import { STATES } from '../rules/states.ts'
import { utcStart } from '../rules/utc-start.ts'

const STATE_CODES: ReadonlySet<string> = new Set(Object.values(STATES))

const Latitude = Type.Number({ minimum: -90, maximum: 90 })
const Longitude = Type.Number({ minimum: -180, maximum: 180 })

/** Which accidents of a source a feed takes: those that fit everything that is given. */
export const Filter = Type.Object(
  {
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'began at this moment or later, ISO 8601' }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'began before this moment, ISO 8601' }),
    ),
    states: Type.Optional(Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), { minItems: 1, maxItems: 60 })),
    severities: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 4 }), { minItems: 1, maxItems: 4 }),
    ),
    ids: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 1_000 })),
    box: Type.Optional(
      Type.Object(
        { north: Latitude, south: Latitude, east: Longitude, west: Longitude },
        { additionalProperties: false, description: 'degrees; its edges belong to it' },
      ),
    ),
  },
  { additionalProperties: false },
)
export type Filter = Static<typeof Filter>

export type FilterFault = {
  field: string
  message: string
  /** It is not of the right shape, rather than one that no accident can fit. */
  isShape: boolean
}

/** What is wrong with a value as a filter, all of it; also one that no accident can fit. */
export function faultsOfFilter(value: unknown): FilterFault[] {
  const faults = Value.Errors(Filter, value)
    // A name that is not known is said twice: by the object that has it, and by the name.
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ keyword, instancePath, message }) => ({
      field: instancePath.slice(1).replaceAll('/', '.'),
      message: keyword === 'boolean' ? 'is not a field of a filter' : message,
      isShape: ['boolean', 'type', 'required'].includes(keyword),
    }))
  if (faults.length > 0) return faults
  const { from, to, box, states = [] } = value as Filter
  for (const [i, state] of states.entries()) {
    if (STATE_CODES.has(state)) continue
    faults.push({
      field: `states.${i}`,
      message: `${state} is no state: there are the postal codes of the 50 states, and DC`,
      isShape: false,
    })
  }
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    faults.push({ field: 'to', message: 'must be later than from', isShape: false })
  }
  if (box !== undefined && box.south > box.north) {
    faults.push({ field: 'box.north', message: 'must not be less than south', isShape: false })
  }
  if (box !== undefined && box.west > box.east) {
    faults.push({ field: 'box.east', message: 'must not be less than west', isShape: false })
  }
  return faults
}

/**
 * The filter as a function. A field that cannot be read fits nothing that is asked of it: the start of an accident
 * whose zone is not known lies in no range.
 */
export function compileFilter(filter: Filter): (event: RawEvent) => boolean {
  const tests: ((event: RawEvent) => boolean)[] = []
  const { states, severities, ids, box, from, to } = filter
  if (states !== undefined) tests.push(isOneOf(states, 'state'))
  if (severities !== undefined) tests.push(isOneOf(severities, 'severity'))
  if (ids !== undefined) tests.push(isOneOf(ids, 'id'))
  if (box !== undefined) {
    tests.push(isBetween('start_lat', box.south, box.north), isBetween('start_lng', box.west, box.east))
  }
  // The last one, as it takes longest.
  if (from !== undefined || to !== undefined) tests.push(beganBetween(from, to))
  return (event) => tests.every((fits) => fits(event))
}

function isOneOf(values: readonly (string | number)[], field: string) {
  const wanted = new Set<unknown>(values)
  return (event: RawEvent) => wanted.has(event[field])
}

function isBetween(field: string, least: number, greatest: number) {
  return (event: RawEvent) => {
    const value = event[field]
    return typeof value === 'number' && value >= least && value <= greatest
  }
}

function beganBetween(from: string | undefined, to: string | undefined) {
  const least = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const beyond = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to)
  return (event: RawEvent) => {
    const start = utcStart(event)
    return start !== undefined && start >= least && start < beyond
  }
}
