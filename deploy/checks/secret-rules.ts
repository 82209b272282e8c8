import type { Value } from '../templates/template.ts'
import { type Rule, when } from './rule.ts'

const SECRET_NAME = /(password|secretstring|authtoken|accesskey)s?$/i

export const secretRules: readonly Rule[] = [
  {
    name: 'no-secret-in-a-template',
    types: [],
    find: ({ properties }) =>
      secretsIn(properties).flatMap(({ path, text }) =>
        when(!text.includes('{{resolve:secretsmanager:'), `${path} is written out`),
      ),
  },
]

function secretsIn(value: Value, path = ''): { path: string; text: string }[] {
  if (typeof value === 'string')
    return SECRET_NAME.test(path.replace(/\.\d+$/, '')) ? [{ path, text: value }] : []
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => secretsIn(item, path === '' ? key : `${path}.${key}`))
}
