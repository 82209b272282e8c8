import t from 'tap'
import { API_TOKENS, bearer, cookieOf, OPERATE_TOKEN, READ_TOKEN } from '../../support/access.ts'
import { buildFakeApp } from '../../support/fake-app.ts'
import { createMemorySessions } from '../../support/memory-sessions.ts'
import { routesOf } from '../../support/routes-of.ts'

const PROBLEM = /^application\/problem\+json/
/** What may be seen without a token. A route that is added asks for one, or is named here on purpose. */
const OPEN = /^\/(?:health\/(?:live|ready|fleet)|docs(?:\/.*)?|session|assets\/[\w./-]+|)$/
const READING = new Set(['GET', 'HEAD'])
const SAME_SITE = { host: 'roadpulse.test', origin: 'https://roadpulse.test' }

t.test(
  'a route with data answers without a token, or one that changes something to the role read',
  async (t) => {
    const app = await buildFakeApp(t, { tokens: API_TOKENS })
    const guarded = routesOf(app).filter(({ url }) => !OPEN.test(url))
    t.ok(guarded.length >= 20)
    for (const { method, url } of guarded) {
      const ask = (headers: Record<string, string> = {}) =>
        app.inject({ method: method as 'GET', url: url.replace(':id', 'x'), headers })
      const what = `${method} ${url}`
      for (const headers of [
        {},
        bearer('wrong'),
        bearer(''),
        { authorization: 'Basic eDp5' },
        { cookie: `roadpulse=${'x'.repeat(43)}` },
      ]) {
        const answer = await ask(headers)
        t.equal(answer.statusCode, 401, what)
        t.match(answer.headers['www-authenticate'], /^Bearer realm=/, what)
        if (method !== 'HEAD') t.match(answer.json(), { code: 'UNAUTHENTICATED' }, what)
      }
      if (url === '/events') continue
      const reading = await ask(bearer(READ_TOKEN))
      if (READING.has(method)) t.not(reading.statusCode, 401, what)
      else t.match([reading.statusCode, reading.json().code], [403, 'FORBIDDEN'], what)
      t.notMatch([401, 403], [(await ask(bearer(OPERATE_TOKEN))).statusCode], what)
    }
  },
)

t.test('what holds no data asks for a token', async (t) => {
  const app = await buildFakeApp(t, { tokens: API_TOKENS })
  for (const url of [
    '/',
    '/assets/shell/page.js',
    '/health/live',
    '/health/ready',
    '/docs',
    '/docs/',
    '/docs/json',
    '/session',
  ]) {
    const { statusCode } = await app.inject(url)
    t.ok(statusCode < 400, `${url}: ${statusCode}`)
  }
  t.equal((await app.inject('/nope')).statusCode, 404, 'nor does what is not there')
})

t.test('without tokens somebody on this machine is asked for one', async (t) => {
  const app = await buildFakeApp(t)
  t.equal((await app.inject('/fleet')).statusCode, 200)
  t.equal((await app.inject({ method: 'DELETE', url: '/replays/x' })).statusCode, 404)
  t.same((await app.inject('/session')).json(), { required: false, role: 'operate', expiresAt: null })
  const signIn = await app.inject({ method: 'POST', url: '/session', payload: { token: 'any' } })
  t.equal(signIn.statusCode, 204)
  t.equal(signIn.headers['set-cookie'], undefined)
})

t.test('a session does not open what its token opens, or outlives signing out', async (t) => {
  const app = await buildFakeApp(t, { tokens: API_TOKENS, isLocal: false })
  t.same((await app.inject('/session')).json(), { required: true, role: null, expiresAt: null })
  const signIn = await app.inject({ method: 'POST', url: '/session', payload: { token: OPERATE_TOKEN } })
  t.equal(signIn.statusCode, 204)
  t.match(
    signIn.headers['set-cookie'],
    /^__Host-roadpulse=[\w-]{43}; Max-Age=28(800|799); .*HttpOnly; SameSite=Strict; Secure$/,
  )
  const cookie = cookieOf(signIn.headers['set-cookie'])
  const headers = { cookie, ...SAME_SITE }
  t.equal((await app.inject({ url: '/fleet', headers: { cookie } })).statusCode, 200)
  const state = (await app.inject({ url: '/session', headers })).json()
  t.match(state, { required: true, role: 'operate', expiresAt: /Z$/ })
  const hours = (Date.parse(state.expiresAt) - Date.now()) / 3_600_000
  t.ok(hours > 7.99 && hours <= 8, `${hours} h`)
  t.equal(
    (await app.inject({ method: 'POST', url: '/replays/x/pause', headers })).statusCode,
    404,
    'may operate',
  )
  const signOut = await app.inject({ method: 'DELETE', url: '/session', headers })
  t.equal(signOut.statusCode, 204)
  t.match(signOut.headers['set-cookie'], /^__Host-roadpulse=; Max-Age=0;/)
  t.equal((await app.inject({ url: '/fleet', headers })).statusCode, 401)
})

t.test('a session keeps its rights when its token is taken away or made to read only', async (t) => {
  const sessions = createMemorySessions()
  const before = await buildFakeApp(t, { tokens: API_TOKENS, sessions })
  const cookies = await Promise.all(
    [READ_TOKEN, OPERATE_TOKEN].map(async (token) => {
      const answer = await before.inject({ method: 'POST', url: '/session', payload: { token } })
      return cookieOf(answer.headers['set-cookie'])
    }),
  )
  const [first = '', second = ''] = cookies
  const hash = API_TOKENS.split(':').at(-1) ?? ''
  const after = await buildFakeApp(t, { tokens: `read:alice:${hash}`, sessions })
  t.equal((await after.inject({ url: '/fleet', headers: { cookie: first } })).statusCode, 401)
  t.equal((await after.inject({ url: '/session', headers: { cookie: second } })).json().role, 'read')
})

t.test('a wrong token signs in, or the answer tells more than that it is wrong', async (t) => {
  const sessions = createMemorySessions()
  const app = await buildFakeApp(t, { tokens: API_TOKENS, sessions })
  for (const token of ['wrong', READ_TOKEN.slice(1), `${READ_TOKEN} `]) {
    const answer = await app.inject({ method: 'POST', url: '/session', payload: { token } })
    t.equal(answer.statusCode, 401)
    t.match(answer.headers['content-type'], PROBLEM)
    t.match(answer.json(), { code: 'UNAUTHENTICATED', detail: 'This token is not known.' })
    t.equal(answer.headers['set-cookie'], undefined)
  }
  t.equal(sessions.sessions.size, 0)
})

t.test('the page of another site can make a browser that is signed in change something', async (t) => {
  const app = await buildFakeApp(t, { tokens: API_TOKENS })
  const signIn = await app.inject({ method: 'POST', url: '/session', payload: { token: OPERATE_TOKEN } })
  const cookie = cookieOf(signIn.headers['set-cookie'])
  const host = 'roadpulse.test:8443'
  const change = async (headers: Record<string, string>) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/replays/x/pause',
      headers: { cookie, host, ...headers },
    })
    return answer.json().code
  }
  const origin = `https://${host}`
  t.equal(await change({ origin }), 'REPLAY_NOT_FOUND')
  t.equal(await change({ origin, 'sec-fetch-site': 'same-origin' }), 'REPLAY_NOT_FOUND')
  for (const headers of [
    {},
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { origin: 'https://roadpulse.test' },
    { origin: `https://evil.test/${host}` },
    { origin, 'sec-fetch-site': 'cross-site' },
    { origin, 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
  ]) {
    t.equal(await change(headers), 'CROSS_SITE', JSON.stringify(headers))
  }
  const foreign = { origin: 'https://evil.test' }
  for (const method of ['POST', 'DELETE'] as const) {
    const answer = await app.inject({
      method,
      url: '/session',
      headers: { host, cookie, ...foreign },
      payload: { token: READ_TOKEN },
    })
    t.equal(answer.json().code, 'CROSS_SITE', `${method} /session`)
  }
  const program = await app.inject({
    method: 'POST',
    url: '/replays/x/pause',
    headers: { ...bearer(OPERATE_TOKEN), host, ...foreign },
  })
  t.equal(program.json().code, 'REPLAY_NOT_FOUND', 'a token is sent by nobody who does not have it')
})

t.test('without tokens any page that the browser shows can change something on this machine', async (t) => {
  const app = await buildFakeApp(t)
  const change = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'POST', url: '/replays/x/pause', headers })).json().code
  for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080']) {
    t.equal(await change({ host, origin: `http://${host}` }), 'REPLAY_NOT_FOUND', host)
    t.equal(await change({ host }), 'REPLAY_NOT_FOUND', `a program at ${host}`)
    t.equal(await change({ host, origin: 'https://evil.test' }), 'CROSS_SITE', host)
  }
  const rebound = { host: 'evil.test:8080', origin: 'http://evil.test:8080', 'sec-fetch-site': 'same-origin' }
  t.equal(await change(rebound), 'CROSS_SITE', 'a name that was made to point here')
})

t.test(
  'a Redis that does not answer keeps out programs, or lets somebody in without a session',
  async (t) => {
    const sessions = { ...createMemorySessions(), find: () => new Promise<never>(() => {}) }
    const app = await buildFakeApp(t, { tokens: API_TOKENS, sessions })
    t.equal((await app.inject({ url: '/fleet', headers: bearer(READ_TOKEN) })).statusCode, 200)
    const answer = await app.inject({ url: '/fleet', headers: { cookie: `roadpulse=${'x'.repeat(43)}` } })
    t.match([answer.statusCode, answer.json().code], [503, 'DATA_UNAVAILABLE'])
  },
)

t.test('whoever cannot see the cause of a fault is told where things are', async (t) => {
  const readiness = {
    status: 'failing',
    checks: { redis: { status: 'failing', latencyMs: 1, error: 'connect ECONNREFUSED 10.1.2.3:6379' } },
  } as const
  const guarded = await buildFakeApp(t, { tokens: API_TOKENS, readiness })
  t.same((await guarded.inject('/health/ready')).json().checks, {
    redis: { status: 'failing', latencyMs: 1 },
  })
  const local = await buildFakeApp(t, { readiness })
  t.match((await local.inject('/health/ready')).body, '10.1.2.3')
})
