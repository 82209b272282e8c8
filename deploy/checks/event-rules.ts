import type { Value } from '../templates/template.ts'
import { at, listOf, type Rule, when } from './rule.ts'

const RULE = ['AWS::Events::Rule']

export const eventRules: readonly Rule[] = [
  {
    name: 'pattern-is-made-of-lists',
    types: RULE,
    find: ({ properties }) => notLists(properties.EventPattern ?? {}, 'EventPattern'),
  },
  {
    name: 'undelivered-event-is-kept',
    types: RULE,
    find: ({ properties }) =>
      listOf(properties.Targets).flatMap((target) =>
        when(
          at(target, 'DeadLetterConfig', 'Arn') === undefined,
          'an event that cannot be delivered is gone',
        ),
      ),
  },
]

/** In a pattern every leaf is a list of what is allowed; a bare text matches nothing, and is refused. */
function notLists(pattern: Value, path: string): string[] {
  if (Array.isArray(pattern)) return []
  if (pattern === null || typeof pattern !== 'object') return [`${path} has to be a list`]
  return Object.entries(pattern).flatMap(([key, value]) => notLists(value, `${path}.${key}`))
}
