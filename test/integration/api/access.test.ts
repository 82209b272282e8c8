import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import t from 'tap'
import { hashOf } from '../../../api/access/access-tokens.ts'
import { createSessionStore } from '../../../api/access/session-store.ts'
import { sessionKey, sessionsOfTokenKey } from '../../../lib/redis/keys.ts'
import { bearer, cookieOf } from '../../support/access.ts'
import { startApiProcess } from '../../support/api-process.ts'
import { startProcess } from '../../support/processes.ts'
import { startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const TOKEN_MAIN = new URL('../../../deploy/operate/token.ts', import.meta.url).pathname
const run = promisify(execFile)

const server = await startRedis(t)
const redis = new Redis(server.url)
t.teardown(() => redis.disconnect())

const apiOptions = {
  REDIS_URL: server.url,
  PROCESSED_STREAM: 'processed',
  RAW_BUCKET: 'raw',
  SOURCE_BUCKET: 'source',
  DEAD_LETTER_BUCKET: 'dead',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
}

async function makeToken(...args: string[]): Promise<{ token: string; entry: string }> {
  const { stdout } = await run(process.execPath, [TOKEN_MAIN, ...args])
  const [token = '', entry = ''] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/: +/).at(-1) ?? '')
  return { token, entry }
}

t.test('a token that the command makes opens nothing, or more than its role', async (t) => {
  const [reader, operator] = await Promise.all([
    makeToken('--role', 'read'),
    makeToken('--role', 'operate', '--name', 'alice'),
  ])
  t.match(operator.entry, /^operate:alice:[0-9a-f]{64}$/)
  t.equal(Buffer.from(operator.token, 'base64url').length, 32)
  const api = await startApiProcess(t, {
    ...apiOptions,
    LOG_LEVEL: 'trace',
    API_TOKENS: `${reader.entry},${operator.entry}`,
  })
  t.match(await api.ask('GET', '/fleet'), { status: 401, body: { code: 'UNAUTHENTICATED' } })
  t.equal((await api.ask('GET', '/replays', undefined, bearer(reader.token))).status, 200)
  const pause = (headers: Record<string, string>) =>
    api.ask('POST', '/replays/none/pause', undefined, headers)
  t.match(await pause(bearer(reader.token)), { status: 403, body: { code: 'FORBIDDEN' } })
  t.match(await pause(bearer(operator.token)), { status: 404, body: { code: 'REPLAY_NOT_FOUND' } })

  const signIn = await api.ask('POST', '/session', { token: operator.token })
  t.equal(signIn.status, 204)
  const cookie = cookieOf(signIn.headers.get('set-cookie'))
  t.match(await api.ask('GET', '/session', undefined, { cookie }), {
    body: { required: true, role: 'operate' },
  })
  t.match(await pause({ cookie, origin: api.address }), { status: 404 })
  t.match(await pause({ cookie, origin: 'https://evil.test' }), { status: 403, body: { code: 'CROSS_SITE' } })
  const events = await fetch(`${api.address}/events`, { headers: { cookie } })
  t.equal(events.status, 200)
  await events.body?.cancel()
  const kept = JSON.stringify([
    await redis.keys('rp:{sessions}*'),
    await redis.get(sessionKey(hashOf(idIn(cookie)))),
  ])
  t.notMatch(kept, idIn(cookie), 'Redis holds no id that somebody could use')
  t.notMatch(kept, operator.token)
  t.equal((await api.ask('DELETE', '/session', undefined, { cookie, origin: api.address })).status, 204)
  t.equal((await api.ask('GET', '/fleet', undefined, { cookie })).status, 401)

  api.child.kill('SIGTERM')
  await api.ended
  const log = api.output()
  t.match(log, /change asked for/)
  for (const secret of [
    reader.token,
    operator.token,
    idIn(cookie),
    ...[reader, operator].map(({ entry }) => entry.slice(-64)),
  ]) {
    t.notMatch(log, secret)
  }
})

t.test('a session lives on without its token, or not through a restart of the api', async (t) => {
  const [first, second] = await Promise.all([makeToken('--role', 'read'), makeToken('--role', 'read')])
  const before = await startApiProcess(t, { ...apiOptions, API_TOKENS: `${first.entry},${second.entry}` })
  const cookies = await Promise.all(
    [first, second].map(async ({ token }) =>
      cookieOf((await before.ask('POST', '/session', { token })).headers.get('set-cookie')),
    ),
  )
  before.child.kill('SIGKILL')
  await before.ended
  const after = await startApiProcess(t, { ...apiOptions, API_TOKENS: second.entry })
  const statuses = await Promise.all(
    cookies.map(async (cookie) => (await after.ask('GET', '/replays', undefined, { cookie })).status),
  )
  t.same(statuses, [401, 200])
})

t.test('the api opens to the network without tokens, or starts on ones that it cannot read', async (t) => {
  const refused = async (options: Record<string, string>) => {
    const api = startProcess(t, 'api/main.ts', { ...apiOptions, HTTP_PORT: '0', ...options })
    return { code: await api.ended, text: api.output() }
  }
  t.match(await refused({ HTTP_HOST: '0.0.0.0' }), { code: 2, text: /without API_TOKENS/ })
  const faulty = await refused({ API_TOKENS: 'read:my-secret,admin:x' })
  t.match(faulty, { code: 2, text: /entry 1 .*entry 2 / })
  t.notMatch(faulty.text, 'my-secret')
})

t.test('sessions do not end by themselves, or pile up', async (t) => {
  const token = hashOf('somebody')
  const lasting = createSessionStore(redis)
  const { id } = await lasting.create(token)
  const ttlMs = await redis.pttl(sessionKey(hashOf(id)))
  t.ok(ttlMs > 8 * 3_600_000 - 60_000 && ttlMs <= 8 * 3_600_000, `${ttlMs} ms`)
  t.match(await lasting.find(id), { tokenHash: token })
  for (let i = 0; i < 100; i++) await lasting.create(token)
  t.equal(await lasting.find(id), undefined, 'the oldest has made room')
  t.equal(await redis.zcard(sessionsOfTokenKey(token)), 100)
  const brief = createSessionStore(redis, 50)
  const ending = await brief.create(hashOf('another'))
  await waitFor('it has ended', async () => (await brief.find(ending.id)) === undefined, {
    deadlineMs: 5_000,
  })
  await waitFor(
    'its list has, too',
    async () => (await redis.exists(sessionsOfTokenKey(hashOf('another')))) === 0,
    { deadlineMs: 5_000 },
  )
})

const idIn = (cookie: string) => cookie.split('=')[1] ?? ''
