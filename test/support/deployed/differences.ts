import type { Value } from '../../../deploy/templates/template.ts'

/** A list in which a service tells more than it was told, such as tags of its own. */
export type More = { has: readonly unknown[] | undefined }

/**
 * Where what a service answers is not what the template says, as paths of property names. Of what is only known once it
 * is made, such as `<Vpc.Arn>`, any text will do; a service may say more than it was told, and numbers as texts.
 */
export function differences(expected: Value | undefined, actual: unknown, path: string): string[] {
  if (expected === undefined || expected === null) return []
  if (Array.isArray(expected)) return differencesOfLists(expected, actual, path)
  if (typeof expected !== 'object') return isText(String(expected), actual) ? [] : [path]
  if (actual === null || typeof actual !== 'object') return [path]
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], `${path}.${key}`),
  )
}

function differencesOfLists(expected: readonly Value[], actual: unknown, path: string): string[] {
  if (hasMore(actual)) {
    const found = actual.has ?? []
    return expected.every((item) => found.some((one) => isSame(item, one))) ? [] : [path]
  }
  // A policy may hold one thing in place of a list.
  const list: readonly unknown[] = Array.isArray(actual) ? actual : [actual]
  if (list.length !== expected.length) return [path]
  const different = expected.flatMap((item, index) =>
    list.some((one) => isSame(item, one)) ? [] : differences(item, list[index], path),
  )
  return [...new Set(different)]
}

const isSame = (expected: Value, actual: unknown) => differences(expected, actual, '').length === 0

function isText(expected: string, actual: unknown): boolean {
  // An address that the service hands out, or a secret that it looks up.
  const parts = expected.split(/<[^>]+>|\{\{resolve:[^}]+\}\}/)
  if (parts.length === 1) return String(actual) === expected
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return typeof actual === 'string' && new RegExp(`^${pattern.join('[^]+')}$`).test(actual)
}

function hasMore(actual: unknown): actual is More {
  return actual !== null && typeof actual === 'object' && 'has' in actual
}
