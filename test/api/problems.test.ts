import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { buildFakeApp, FakeSnapshots, fakeInsights } from '../support/fake-app.ts'

const PROBLEM = /^application\/problem\+json/

t.test(
  'an error that is not an answer by design tells its text to the log and not to the caller',
  async (t) => {
    const lines: string[] = []
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    const insights = fakeInsights({ readAccidents: () => Promise.reject(new Error('password is hunter2')) })
    const app = await buildFakeApp(t, {
      insights,
      log: pino({ serializers: { error: pino.stdSerializers.errWithCause } }, sink),
    })
    const response = await app.inject({ url: '/insights/accidents', headers: { 'x-request-id': 'mine-1' } })
    t.equal(response.statusCode, 500)
    t.match(response.headers['content-type'], PROBLEM)
    t.match(response.json(), {
      type: 'urn:roadpulse:problem:internal',
      status: 500,
      code: 'INTERNAL',
      instance: '/insights/accidents',
      requestId: 'mine-1',
    })
    t.notMatch(response.body, /hunter2/)
    t.match(lines.join(''), /hunter2/)
    t.match(lines.join(''), /mine-1/)
  },
)

t.test('a parameter that is not valid is named', async (t) => {
  const app = await buildFakeApp(t)
  const response = await app.inject('/insights/severity?minutes=0')
  t.equal(response.statusCode, 400)
  t.match(response.headers['content-type'], PROBLEM)
  t.match(response.json(), {
    code: 'INVALID_REQUEST',
    errors: [{ pointer: '/querystring/minutes', message: 'must be >= 1' }],
  })
})

t.test('a path that does not exist is a problem too, and its query is not repeated', async (t) => {
  const app = await buildFakeApp(t)
  const response = await app.inject('/nope?token=secret')
  t.equal(response.statusCode, 404)
  t.match(response.json(), { code: 'NOT_FOUND', instance: '/nope' })
  t.notMatch(response.body, /secret/)
})

t.test('data that cannot be read is said to be so, with a time to try again', async (t) => {
  const app = await buildFakeApp(t, { snapshots: new FakeSnapshots() })
  for (const url of ['/fleet', '/pipeline']) {
    const response = await app.inject(url)
    t.equal(response.statusCode, 503, url)
    t.equal(response.headers['retry-after'], '2', url)
    t.match(response.json(), { code: 'DATA_UNAVAILABLE' }, url)
  }
})

t.test('a Redis that does not answer holds no request for longer than two seconds', async (t) => {
  const insights = fakeInsights({ readAccidents: () => new Promise(() => {}) })
  const app = await buildFakeApp(t, { insights })
  const response = await app.inject('/insights/accidents')
  t.equal(response.statusCode, 503)
  t.match(response.json(), { code: 'DATA_UNAVAILABLE' })
})

t.test('a request id that could forge a log line is replaced, a harmless one is echoed', async (t) => {
  const app = await buildFakeApp(t)
  const harmless = await app.inject({ url: '/fleet', headers: { 'x-request-id': 'trace-1.2' } })
  t.equal(harmless.headers['x-request-id'], 'trace-1.2')
  const forged = await app.inject({ url: '/fleet', headers: { 'x-request-id': 'a b"}' } })
  t.match(forged.headers['x-request-id'], /^[0-9a-f-]{36}$/)
})
