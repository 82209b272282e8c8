import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Clock } from '../../../lib/clock.ts'
import { describeError, RoadpulseError } from '../../../lib/errors.ts'
import type { Log } from '../../../lib/process/log.ts'
import { type Wanted, WORKER_KINDS, type WorkerKind } from '../observation.ts'
import type { DesiredCounts } from './desired-counts.ts'
import { createEcsWanted } from './ecs-wanted.ts'

/** Says how many workers of each kind there are to be, as far as is known. Never fails: the last known value stays. */
export type WantedNumbers = { latest(): Wanted }

export type WantedOptions = {
  WANTED?: string
  STACK_FILE?: string
  ECS_CLUSTER?: string
  ECS_SERVICES?: string
}

/** From the one place that the options name; without one nothing is known. Throws `CONFIGURATION`. */
export function createWantedNumbers(
  options: WantedOptions,
  parts: {
    connectEcs: (cluster: string) => Promise<DesiredCounts>
    clock: Clock
    log: Log
    signal: AbortSignal
  },
): WantedNumbers {
  const { WANTED, STACK_FILE, ECS_CLUSTER, ECS_SERVICES } = options
  if ([WANTED, STACK_FILE, ECS_CLUSTER].filter((place) => place !== undefined).length > 1) {
    throw new RoadpulseError('CONFIGURATION', 'set only one of WANTED, STACK_FILE and ECS_CLUSTER')
  }
  if (ECS_CLUSTER !== undefined) {
    const services = readByKind('ECS_SERVICES', ECS_SERVICES ?? '{}', Type.String({ minLength: 1 }))
    return createEcsWanted({ ...parts, connect: () => parts.connectEcs(ECS_CLUSTER), services })
  }
  if (STACK_FILE !== undefined) return createStackFileWanted(STACK_FILE, parts.log)
  const wanted = readByKind('WANTED', WANTED ?? '{}', Type.Integer({ minimum: 0 }))
  return { latest: () => wanted }
}

function readByKind<T extends Type.TSchema>(
  name: string,
  text: string,
  value: T,
): Partial<Record<WorkerKind, Type.Static<T>>> {
  const properties = Object.fromEntries(WORKER_KINDS.map((kind) => [kind, Type.Optional(value)]))
  const schema = Type.Object(properties, { additionalProperties: false })
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    throw new RoadpulseError('CONFIGURATION', `${name} is not JSON`, error)
  }
  const [fault] = Value.Errors(schema, read)
  if (fault === undefined) return read as Partial<Record<WorkerKind, Type.Static<T>>>
  throw new RoadpulseError(
    'CONFIGURATION',
    `${name}: ${fault.instancePath} ${fault.message}; expected a value for some of ${WORKER_KINDS.join(', ')}`,
  )
}

/** The supervisor replaces its file whole, and takes it away when it stops: then what it said last stays. */
function createStackFileWanted(path: string, log: Log): WantedNumbers {
  let known: Wanted = {}
  let isReported = false
  return {
    latest() {
      try {
        const { parts } = JSON.parse(readFileSync(path, 'utf8')) as {
          parts: Record<string, { wanted: number }>
        }
        const numbers = WORKER_KINDS.flatMap((kind) => {
          const wanted = parts[kind]?.wanted
          return wanted === undefined ? [] : [[kind, wanted] as const]
        })
        known = Object.fromEntries(numbers)
        isReported = false
      } catch (error) {
        if (!isReported) log.warn({ error: describeError(error) }, 'stack file not read')
        isReported = true
      }
      return known
    },
  }
}
