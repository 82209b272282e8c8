import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { answerBrokenRequest } from '../../../api/plugins/problem-details.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { API_TOKENS, bearer, READ_TOKEN } from '../../support/access.ts'
import { buildFakeApp, type FakeParts } from '../../support/fake-app.ts'
import { waitFor } from '../../support/wait-for.ts'

t.test('one address can ask as often as it likes, or watching it is limited, too', async (t) => {
  const metrics = createMetrics('api', '0')
  const app = await buildFakeApp(t, { metrics, limits: { requestsPerMinute: 3 } })
  const ask = (url: string, remoteAddress = '10.0.0.1') => app.inject({ url, remoteAddress })
  for (const url of ['/fleet', '/pipeline', '/nope']) t.notMatch((await ask(url)).statusCode, 429, url)
  for (const url of ['/fleet', '/', '/docs/json', '/nope']) {
    const answer = await ask(url)
    t.equal(answer.statusCode, 429, url)
    t.match(answer.json(), { code: 'RATE_LIMITED', status: 429 }, url)
    const seconds = Number(answer.headers['retry-after'])
    t.ok(seconds > 0 && seconds <= 60, `after ${seconds} s`)
  }
  t.equal((await ask('/fleet', '10.0.0.2')).statusCode, 200, 'another address')
  for (let i = 0; i < 10; i++) t.equal((await ask('/health/live')).statusCode, 200)
  t.match(await metrics.render(), 'http_requests_refused_total{reason="rate_limited"} 4\n')
})

t.test(
  'an attacker changes the last bits of its IPv6 address, or its X-Forwarded-For, and begins anew',
  async (t) => {
    const app = await buildFakeApp(t, { limits: { requestsPerMinute: 1 }, trustedProxies: '10.9.0.0/16' })
    const ask = async (remoteAddress: string, forwarded?: string) => {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
      return (await app.inject({ url: '/fleet', remoteAddress, headers })).statusCode
    }
    t.equal(await ask('2001:db8::1'), 200)
    t.equal(await ask('2001:db8::2'), 429)
    t.equal(await ask('10.0.0.1', '1.1.1.1'), 200)
    t.equal(await ask('10.0.0.1', '2.2.2.2'), 429, 'nobody believes it')
    t.equal(await ask('10.9.0.1', '1.1.1.1'), 200, 'a load balancer is believed')
    t.equal(await ask('10.9.0.1', '2.2.2.2'), 200)
    t.equal(await ask('10.9.0.1', '2.2.2.2'), 429)
  },
)

t.test('tokens can be guessed as fast as the api answers', async (t) => {
  const app = await buildFakeApp(t, { tokens: API_TOKENS })
  const signIn = async () =>
    (await app.inject({ method: 'POST', url: '/session', payload: { token: 'guessed' } })).statusCode
  for (let i = 0; i < 10; i++) t.equal(await signIn(), 401)
  t.equal(await signIn(), 429)
  t.equal(
    (await app.inject({ url: '/fleet', headers: bearer(READ_TOKEN) })).statusCode,
    200,
    'nobody else waits',
  )
  const guessing = await buildFakeApp(t, { tokens: API_TOKENS, limits: { requestsPerMinute: 2 } })
  const guess = async () => (await guessing.inject({ url: '/fleet', headers: bearer('guessed') })).statusCode
  t.same([await guess(), await guess(), await guess()], [401, 401, 429], 'as bearer, too')
})

t.test('a busy event loop takes ever more requests, or stops telling that it is alive', async (t) => {
  const app = await buildFakeApp(t, { limits: { maxEventLoopDelayMs: 20 } })
  const isShedding = async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    return (await app.inject('/fleet')).statusCode === 503
  }
  await waitFor('requests are turned away', isShedding, { deadlineMs: 10_000, intervalMs: 1 })
  const answer = await app.inject('/fleet')
  t.match(answer.json(), { code: 'OVERLOADED' })
  t.equal(answer.headers['retry-after'], '5')
  for (const url of ['/health/live', '/health/ready']) t.equal((await app.inject(url)).statusCode, 200, url)
  await waitFor('it recovers', async () => (await app.inject('/fleet')).statusCode === 200, {
    deadlineMs: 10_000,
  })
})

t.test('more clients listen than the process can bear', async (t) => {
  const app = await buildFakeApp(t, { hub: { connect: () => undefined, size: 0, close: () => undefined } })
  const answer = await app.inject('/events')
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '10')
  t.match(answer.json(), { code: 'OVERLOADED' })
  t.equal((await app.inject({ method: 'HEAD', url: '/events' })).statusCode, 404, 'nobody would read it')
})

t.test('a body, header or path without an end is read to its end', async (t) => {
  const app = await buildFakeApp(t)
  const json = { 'content-type': 'application/json' }
  const post = (payload: string, headers: Record<string, string> = json) =>
    app.inject({ method: 'POST', url: '/replays', payload, headers })
  t.match((await post(JSON.stringify({ name: 'x'.repeat(66_000) }))).json(), {
    code: 'CONTENT_TOO_LARGE',
    status: 413,
  })
  t.match((await post('<a/>', { 'content-type': 'text/xml' })).json(), {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
  })
  t.match((await post('{"name": ')).json(), { code: 'INVALID_REQUEST', status: 400 })
  t.match((await app.inject(`/replays/${'x'.repeat(301)}`)).json(), { code: 'URI_TOO_LONG', status: 414 })
  t.match((await app.inject('/replays/%zz')).json(), { code: 'INVALID_REQUEST', status: 400 })
  t.match((await app.inject(`/dead-letters/${'x'.repeat(300)}`)).statusCode, 404, 'as long as ids are')
})

t.test('what is not HTTP, or HTTP without an end, is answered in a form of its own', async (t) => {
  const send = await openPort(t, {})
  t.match(await send(`GET /fleet HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`), {
    status: 431,
    body: { code: 'HEADERS_TOO_LARGE', requestId: String },
  })
  t.match(await send('nonsense\r\n\r\n'), { status: 400, body: { code: 'INVALID_REQUEST' } })
})

t.test('a client that sends its request byte by byte holds its connection for ever', async (t) => {
  const { server } = await buildFakeApp(t)
  t.equal(server.headersTimeout, 10_000)
  t.equal(server.requestTimeout, 30_000)
  const written: string[] = []
  const socket = { writable: true, write: (text: string) => written.push(text), destroy: () => undefined }
  const timeout = Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  answerBrokenRequest(timeout, socket as unknown as Socket)
  t.match(written.join(''), /^HTTP\/1\.1 408 Request Timeout\r\n[^]*"code":"REQUEST_TIMEOUT"/)
})

/** The app on a port; gives what sends raw bytes to it and reads the answer. */
async function openPort(t: Test, parts: FakeParts) {
  const app = await buildFakeApp(t, parts)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return async (bytes: string) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    socket.write(bytes)
    await once(socket, 'close')
    const [head = '', body = '{}'] = text.split('\r\n\r\n')
    t.match(head, /content-type: application\/problem\+json/)
    return { status: Number(head.split(' ')[1]), body: JSON.parse(body) }
  }
}
