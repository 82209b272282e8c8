import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { hashOf } from '../../../api/access/access-tokens.ts'
import { API_TOKENS, bearer, cookieOf, OPERATE_TOKEN, READ_TOKEN } from '../../support/access.ts'
import { buildFakeApp, fakeInsights } from '../../support/fake-app.ts'
import { createMemorySessions } from '../../support/memory-sessions.ts'

function captureLog() {
  const lines: Record<string, unknown>[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  const log = pino({ level: 'trace', serializers: { error: pino.stdSerializers.errWithCause } }, sink)
  return { lines, log }
}

t.test('a token, a session or what was sent instead of one stands in a log or an answer', async (t) => {
  const { lines, log } = captureLog()
  const sessions = createMemorySessions()
  const insights = fakeInsights({ readAccidents: () => Promise.reject(new Error('broken')) })
  const app = await buildFakeApp(t, { log, sessions, insights, tokens: API_TOKENS })
  const mistyped = 'mistyped-token-of-somebody'
  const json = { 'content-type': 'application/json' }
  const answers = [
    await app.inject({ method: 'POST', url: '/session', payload: { token: OPERATE_TOKEN } }),
    await app.inject({ method: 'POST', url: '/session', payload: { token: mistyped } }),
    await app.inject({ method: 'POST', url: '/session', headers: json, payload: `{"token": "${mistyped}` }),
    await app.inject({ method: 'POST', url: '/session', payload: { token: [mistyped] } }),
    await app.inject({ method: 'POST', url: '/session', payload: { token: mistyped.repeat(20) } }),
    await app.inject({ url: `/fleet?token=${mistyped}`, headers: bearer(mistyped) }),
    await app.inject({ url: `/nope?token=${mistyped}` }),
    await app.inject({ url: '/insights/accidents', headers: bearer(READ_TOKEN) }),
    await app.inject({ method: 'POST', url: '/replays/x/pause', headers: bearer(OPERATE_TOKEN) }),
  ]
  const cookie = cookieOf(answers[0]?.headers['set-cookie'])
  const id = cookie.split('=')[1] ?? ''
  t.equal(id.length, 43)
  answers.push(
    await app.inject({ url: '/insights/accidents', headers: { cookie } }),
    await app.inject({ method: 'DELETE', url: '/session', headers: { cookie } }),
  )
  const text = JSON.stringify(lines) + answers.map(({ body }) => body).join('')
  for (const secret of [READ_TOKEN, OPERATE_TOKEN, mistyped, id, hashOf(OPERATE_TOKEN), hashOf(id)]) {
    t.notMatch(text, secret)
  }
  const said = new Set(lines.map(({ msg }) => msg))
  for (const phrase of ['signed in', 'sign-in refused', 'request failed', 'change asked for']) {
    t.ok(said.has(phrase), phrase)
  }
})

t.test('a line of the log belongs to no request, or a change to nobody', async (t) => {
  const { lines, log } = captureLog()
  const app = await buildFakeApp(t, { log, tokens: API_TOKENS })
  const headers = { ...bearer(OPERATE_TOKEN), 'x-request-id': 'mine-1' }
  await app.inject({ method: 'DELETE', url: '/replays/x', headers })
  await app.inject({ method: 'POST', url: '/session', payload: { token: 'x' }, headers })
  t.match(lines, [
    { requestId: 'mine-1', caller: 'alice', method: 'DELETE', route: '/replays/:id', status: 404 },
    { requestId: 'mine-1', msg: 'sign-in refused' },
  ])
})
