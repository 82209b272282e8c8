import { timingSafeEqual } from 'node:crypto'
import t from 'tap'
import { AccessTokens, hashOf, parseAccessTokens } from '../../../api/access/access-tokens.ts'

const entry = (role: string, token: string, name?: string) =>
  [role, ...(name === undefined ? [] : [name]), hashOf(token)].join(':')

t.test('a token is known by its hash only, with its role and name', async (t) => {
  const tokens = parseAccessTokens(
    ` ${entry('read', 'a')} , ${entry('operate', 'b', 'alice').toUpperCase()}`.replace(
      'OPERATE:ALICE',
      'operate:alice',
    ),
  )
  t.equal(tokens.areRequired, true)
  t.match(tokens.find('a'), { role: 'read', name: `read-${hashOf('a').slice(0, 8)}` })
  t.match(tokens.find('b'), { role: 'operate', name: 'alice' })
  for (const wrong of ['', 'c', 'A', hashOf('a'), 'a '])
    t.equal(tokens.find(wrong), undefined, JSON.stringify(wrong))
  for (const wrong of ['', 'zz', hashOf('c'), hashOf('a').slice(2)])
    t.equal(tokens.findByHash(wrong), undefined, wrong)
})

t.test('the time that a comparison takes tells which token it is, or that it is none', async (t) => {
  let compared = 0
  const isEqual = (a: NodeJS.ArrayBufferView, b: NodeJS.ArrayBufferView) => {
    compared++
    return timingSafeEqual(a, b)
  }
  const list = ['a', 'b', 'c'].map((name) => ({ role: 'read' as const, name, hash: hashOf(name) }))
  const tokens = new AccessTokens(list, isEqual)
  for (const given of ['a', 'b', 'c', 'd', '', 'x'.repeat(200)]) {
    compared = 0
    tokens.find(given)
    t.equal(compared, list.length, given)
  }
})

t.test('without entries nobody has a token, and nobody is asked for one', async (t) => {
  for (const text of [undefined, '', '  ']) {
    const tokens = parseAccessTokens(text)
    t.equal(tokens.areRequired, false)
    t.equal(tokens.find(''), undefined)
  }
})

t.test('faults are named one at a time, or repeat what may be the secret itself', async (t) => {
  const secret = 'c2VjcmV0LXRva2Vu'
  const faulty = [
    secret,
    `read:${secret}`,
    `admin:${hashOf('a')}`,
    `read:bad name:${hashOf('b')}`,
    entry('read', 'c'),
    entry('operate', 'c'),
    '',
    `read:a:b:${hashOf('d')}`,
  ].join(',')
  t.throws(() => parseAccessTokens(faulty), { code: 'CONFIGURATION' })
  const message = messageOf(() => parseAccessTokens(faulty))
  for (const [place, what] of [
    [1, 'has 1 parts'],
    [2, 'does not end with the 64'],
    [3, 'has none of the roles read, operate'],
    [4, 'has a name'],
    [6, 'has the token of an entry before it'],
    [7, 'has 1 parts'],
    [8, 'has 4 parts'],
  ] as const) {
    t.match(message, `entry ${place} ${what}`)
  }
  t.notMatch(message, 'entry 5')
  t.notMatch(message, secret)
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
