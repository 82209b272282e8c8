import type { Layer } from '../templates/layers.ts'
import type { ResolvedResource, ResolvedTemplate } from '../templates/resolve.ts'
import type { Properties, Value } from '../templates/template.ts'

export type ResolvedLayers = Record<Layer, ResolvedTemplate>

/** What a rule looks at: one resource, and everything around it. */
export type Subject = {
  name: string
  layer: Layer
  resource: ResolvedResource
  properties: Properties
  layers: ResolvedLayers
}

/**
 * A fault that AWS would find only while it deploys, or never. `find` says what is wrong with a resource of one of
 * `types`, in words that need no other context.
 */
export type Rule = {
  name: string
  types: readonly string[]
  find(subject: Subject): string[]
}

/** The value at a path of keys and indices; nothing when there is no such path. */
export function at(value: Value | undefined, ...path: (string | number)[]): Value | undefined {
  let current = value
  for (const key of path) {
    if (current === null || typeof current !== 'object') return undefined
    current = Array.isArray(current) ? current[Number(key)] : current[key]
  }
  return current
}

/** A list, also of the one thing that a policy may hold in place of a list. */
export function listOf(value: Value | undefined): Value[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** Text, also of a number; nothing of what is no text. */
export function textOf(value: Value | undefined, fallback = ''): string {
  if (value === undefined || value === null) return fallback
  return typeof value === 'object' ? '' : String(value)
}

export function numberOf(value: Value | undefined, fallback = 0): number {
  return value === undefined ? fallback : Number(value)
}

/** What is wrong, or nothing: for rules that have one thing to say. */
export function when(isWrong: boolean, message: string): string[] {
  return isWrong ? [message] : []
}
