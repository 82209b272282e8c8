import t from 'tap'
import { importPageModule } from '../../support/page-module.ts'

const { describePublication, isSafeLink } = await importPageModule<{
  describePublication: (publication: object) => { level: string; text: string; title: string }
  isSafeLink: (link: string) => boolean
}>('incidents/incident-words.js')
const { canBeMended, hasWayBack, textOf, describeFate } = await importPageModule<{
  canBeMended: (letter: object) => boolean
  hasWayBack: (letter: object) => boolean
  textOf: (letter: object) => string
  describeFate: (letter: object) => { text: string }
}>('dead-letters/letter-words.js')
const { actionsOf } = await importPageModule<{
  actionsOf: (replay: object) => string[]
}>('replays/replay-rows.js')
const { createApiClient } = await importPageModule<{
  createApiClient: (onSignedOut: () => void) => (method: string, path: string) => Promise<unknown>
}>('shell/api-client.js')

const SENT = {
  event: 'opened',
  dedupId: 'd',
  state: 'published',
  at: null,
  messageId: null,
  attempts: 1,
  error: null,
}

t.test('a message that was not sent reads as one that was', async (t) => {
  const words = (changes: object) => describePublication({ ...SENT, ...changes })
  t.match(words({ at: '2026-11-23T12:00:04Z', attempts: 2 }), {
    level: 'good',
    text: /^opened: sent \d\d:00:04 after 2 attempts$/,
  })
  t.same(words({ state: 'pending', attempts: 0 }).text, 'opened: waits to be sent')
  t.match(words({ state: 'failed', error: 'E' }), { level: 'bad', text: 'opened: could not be sent: E' })
  t.match(words({ state: 'suppressed' }), { level: '', text: /another incident explains it/ })
  t.equal(words({ state: 'of-tomorrow' }).text, 'opened: of-tomorrow')
})

t.test('a link of an incident runs something, or leads where it does not say', async (t) => {
  for (const link of ['/docs/runbook#down', 'https://wiki.example/a', 'http://wiki/a'])
    t.ok(isSafeLink(link), link)
  for (const link of ['javascript:alert(1)', '//elsewhere', 'data:text/html,x', ''])
    t.notOk(isSafeLink(link), link)
})

t.test(
  'a letter can be mended although only its beginning is there, or cannot although all is',
  async (t) => {
    const letter = { origin: 'row', text: 'äb', base64: null, bytes: 3, recovery: null, doneAt: null }
    const broken = { ...letter, text: null, base64: Buffer.from([65, 0xff]).toString('base64'), bytes: 2 }
    t.ok(canBeMended(letter))
    t.notOk(canBeMended({ ...letter, bytes: 9_000 }))
    t.ok(canBeMended(broken))
    t.equal(textOf(broken), 'A\ufffd')
    t.notOk(canBeMended({ ...letter, origin: 'handler' }), 'goes to the handler as it is')
    t.ok(hasWayBack(letter))
    t.notOk(hasWayBack({ ...letter, origin: 'oversize' }))
    t.notOk(hasWayBack({ ...letter, recovery: 'recovery-1' }))
    t.equal(describeFate({ ...letter, recovery: 'recovery-1' }).text, 'on its way back')
    t.match(
      describeFate({ ...letter, recovery: 'recovery-1', doneAt: new Date().toISOString() }).text,
      /^done/,
    )
  },
)

t.test(
  'why the api refused something is not said in words, or a session that is over goes unnoticed',
  async (t) => {
    let signedOut = 0
    const call = createApiClient(() => signedOut++)
    const answer = (status: number, headers: Record<string, string> = {}, body: object | null = null) => {
      const reply = new Response(body === null ? null : JSON.stringify(body), {
        status,
        headers: body === null ? headers : { 'content-type': 'application/problem+json', ...headers },
      })
      t.intercept(globalThis, 'fetch', { value: async () => reply })
      return call('POST', '/replays')
    }
    const errors = [{ pointer: '/body/pace', message: 'must be given' }]
    await t.rejects(answer(422, {}, { title: 'No sense', detail: 'pace', errors }), {
      message: 'No sense. pace',
      status: 422,
      parts: errors,
    })
    await t.rejects(answer(429, { 'retry-after': '7' }), { message: /Try again in 7 s/ })
    await t.rejects(answer(403, {}, { title: 'x', detail: 'Only operate.' }), {
      message: /may not do this\. Only operate/,
    })
    t.equal(signedOut, 0)
    await t.rejects(answer(401), { message: /not signed in any more/ })
    t.equal(signedOut, 1)
    await t.rejects(answer(502), { message: /status 502/ })
    t.equal(await answer(204), undefined)
    t.intercept(globalThis, 'fetch', { value: () => Promise.reject(new TypeError('gone')) })
    await t.rejects(call('GET', '/x'), { message: /cannot be reached/, status: 0 })
  },
)

t.test('a recovery that failed is offered to be tried again, which the api refuses', async (t) => {
  t.strictSame(actionsOf({ kind: 'replay', state: 'failed', ending: null }), ['retry'])
  t.strictSame(actionsOf({ kind: 'recovery', state: 'failed', ending: null }), [])
  t.strictSame(actionsOf({ kind: 'recovery', state: 'paused', ending: null }), ['resume', 'pace', 'cancel'])
  t.strictSame(actionsOf({ kind: 'replay', state: 'running', ending: 'cancelled' }), [])
})
