import t from 'tap'
import { startApiProcess } from '../../support/api-process.ts'
import { emittableRows, generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'
import { waitForEvent } from '../../support/wait-for-event.ts'

const FILE = { seed: 8, rows: 3_000, rate: 50 }
/** What each of a hundred sends. */
const SMALL = { seed: 8, rows: 100, rate: 50 }
const CSV = { source: { kind: 'csv', uri: 's3://source/a.csv' }, pace: { kind: 'max' } }
const slow = (rowsPerSecond: number) => ({ ...CSV, pace: { kind: 'rate', rowsPerSecond } })

// What Redis has answered is on the disk: it is killed, too.
const servers = await startProducerServers(t, ['--appendonly', 'yes', '--appendfsync', 'always'])
const csv = await generate(FILE)
await servers.putSource('a.csv', csv)

type Worker = { kind: string; lastError: { message: string } | null }
type Shown = { id: string; feed: string; state: string; progress: Record<string, number | string | null> }

t.test(
  'a replay that was asked for twice runs twice, or what is shown of it is not what it did',
  async (t) => {
    const { start, apiOptions, readEvents } = await servers.prepare(t, 'replays')
    const api = await startApiProcess(t, apiOptions)
    start({ REPLAY_SHARE: '1' })
    const key = { 'idempotency-key': 'one' }
    const first = await api.ask('POST', '/replays', { ...CSV, name: 'again' }, key)
    t.equal(first.status, 202)
    const { id, feed } = first.body as Shown
    t.equal(first.headers.get('location'), `/replays/${id}`)
    t.match(first.body, { kind: 'replay', name: 'again', pace: { kind: 'max' }, filter: null, message: null })
    const again = await api.ask('POST', '/replays', { name: 'again', ...CSV }, key)
    t.equal(again.status, 202)
    t.equal(again.body['id'], id)
    const other = await api.ask('POST', '/replays', CSV, key)
    t.match(other, { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })

    await servers.waitForState(feed, 'finished')
    const { body } = await api.ask('GET', `/replays/${id}`)
    const emitted = emittableRows(FILE).length
    t.match(body, {
      state: 'finished',
      startedAt: /Z$/,
      finishedAt: /Z$/,
      progress: { read: FILE.rows, emitted, share: 1, rowsPerSecond: null, estimatedEndAt: null },
    })
    t.equal((await readEvents(feed)).length, emitted)
    t.match(await api.ask('POST', `/replays/${id}/pause`), { status: 409, body: { code: 'REPLAY_STATE' } })
    t.match(await api.ask('GET', '/replays/none'), { status: 404, body: { code: 'REPLAY_NOT_FOUND' } })
    const missing = await api.ask('POST', '/replays', {
      ...CSV,
      source: { kind: 'csv', uri: 's3://source/no' },
    })
    t.match(missing, {
      status: 422,
      body: { errors: [{ pointer: '/body/source', message: /there is no s3/ }] },
    })
    t.equal((await api.ask('GET', '/replays?state=finished')).body['nextCursor'], null)
  },
)

t.test('a replay does not do what it is told while it runs', async (t) => {
  const { start, apiOptions, readEvents } = await servers.prepare(t, 'control')
  const api = await startApiProcess(t, apiOptions)
  start({})
  const create = async (body: object) => (await api.ask('POST', '/replays', body)).body as Shown
  const shown = async (id: string) => (await api.ask('GET', `/replays/${id}`)).body as Shown
  const readOf = async (id: string) => Number((await shown(id)).progress['read'])
  const holds = async () => {
    const { body } = await api.ask('GET', '/fleet')
    return JSON.stringify((body['workers'] as { holds: string[] }[]).map((worker) => worker.holds))
  }

  const { id, feed } = await create(slow(100))
  await servers.waitForRows(feed, 100)
  const running = await shown(id)
  t.equal(running.state, 'running')
  t.ok(Math.abs(Number(running.progress['rowsPerSecond']) - 100) < 40, 'its rate')
  t.match(running.progress['estimatedEndAt'], /Z$/)

  t.match(await api.ask('POST', `/replays/${id}/pause`), { status: 200, body: { state: 'paused' } })
  await waitFor('its producer gave it back', async () => !(await holds()).includes(feed), {
    deadlineMs: 10_000,
  })
  const pausedAt = await readOf(id)
  t.ok(pausedAt < 1_000)
  t.match(await api.ask('POST', `/replays/${id}/resume`), { status: 200, body: { state: 'running' } })
  await servers.waitForRows(feed, pausedAt + 50)
  const changed = await api.ask('PATCH', `/replays/${id}`, { pace: { kind: 'rate', rowsPerSecond: 3_000 } })
  t.match(changed, { status: 200, body: { pace: { rowsPerSecond: 3_000 } } })
  await servers.waitForState(feed, 'finished')
  t.equal((await readEvents(feed)).length, emittableRows(FILE).length, 'nothing twice, nothing lost')

  const cancelled = await create(slow(50))
  await servers.waitForRows(cancelled.feed, 20)
  t.equal((await api.ask('DELETE', `/replays/${cancelled.id}`)).status, 200)
  await servers.waitForState(cancelled.feed, 'cancelled')
  const { emitted } = await servers.store.counts(cancelled.feed)
  t.equal((await readEvents(cancelled.feed)).length, emitted, 'all that was sent is counted')
})

t.test('who listens is not told how far the replays have come that run, when many wait', async (t) => {
  const { start, apiOptions } = await servers.prepare(t, 'listened')
  // Rows of about one length: how far a replay has come is told by bytes.
  const lines = csv.toString('latin1').split('\n')
  const even = lines.filter(({ length }) => length < 1_000).join('\n')
  await servers.putSource('even.csv', Buffer.from(even, 'latin1'))
  const api = await startApiProcess(t, apiOptions)
  const asked = { source: { kind: 'csv', uri: 's3://source/even.csv' }, pace: slow(50).pace }
  const ids: string[] = []
  for (let i = 0; i < 100; i++) ids.push(String((await api.ask('POST', '/replays', asked)).body['id']))
  start({})
  const isUnderWay = ({ state, progress }: Shown) =>
    state === 'running' && Number(progress['rowsPerSecond']) > 20 && progress['estimatedEndAt'] !== null
  const { items } = await waitForEvent<{ items: Shown[] }>(
    `${api.address}/events`,
    'replays',
    ({ items }) => items.filter(isUnderWay).length === 2,
    { deadlineMs: 60_000 },
  )
  t.same(new Set(items.slice(0, 2).map(({ id }) => id)), new Set(ids.slice(0, 2)), 'the oldest two run')
  for (const { progress } of items.slice(0, 2)) {
    const perSecond = Number(progress['rowsPerSecond'])
    t.ok(perSecond < 75, `50 rows a second are asked for, and ${perSecond} shown`)
    const left = (Date.parse(String(progress['estimatedEndAt'])) - Date.now()) / 1_000
    const rest = (lines.length - Number(progress['emitted'])) / perSecond
    t.ok(left > rest * 0.7 && left < rest * 1.3, `${rest} s of rows are left, and ${left} s shown`)
  }
  t.equal(items.filter(({ state }) => state === 'waiting').length, 20, 'the newest of those that wait')
})

t.test('a replay that failed cannot go on when its source is there again', async (t) => {
  const { start, apiOptions, readEvents } = await servers.prepare(t, 'retried')
  await servers.putSource('b.csv', csv)
  const api = await startApiProcess(t, apiOptions)
  const { body } = await api.ask('POST', '/replays', {
    ...CSV,
    source: { kind: 'csv', uri: 's3://source/b.csv' },
  })
  const { id, feed } = body as Shown
  await servers.putSource('b.csv', Buffer.concat([csv, Buffer.from('x')]))
  start({})
  await servers.waitForState(feed, 'failed')
  t.match((await api.ask('GET', `/replays/${id}`)).body, { message: /b.csv has been replaced/ })
  let shown: (string | undefined)[] = []
  await waitFor(
    'the fleet shows what its producer ran into',
    async () => {
      const workers = (await api.ask('GET', '/fleet')).body['workers'] as Worker[]
      shown = workers.filter(({ kind }) => kind === 'producer').map(({ lastError }) => lastError?.message)
      return shown.some((message) => message?.includes('b.csv has been replaced'))
    },
    { deadlineMs: 10_000, describe: () => shown },
  )
  await servers.putSource('b.csv', csv)
  t.equal((await api.ask('POST', `/replays/${id}/retry`)).status, 200)
  await servers.waitForState(feed, 'finished')
  t.equal((await readEvents(feed)).length, emittableRows(FILE).length)
})

t.test('a hundred replays at once, or a restart of everything, lose one or move the live feed', async (t) => {
  const { start, apiOptions, checkFeed } = await servers.prepare(t, 'hundred')
  const live = { LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '100', LIVE_ROWS: '1500' }
  const producers = [start(live), start(live)]
  const first = await startApiProcess(t, apiOptions)
  await servers.putSource('small.csv', await generate(SMALL))
  const small = { source: { kind: 'csv', uri: 's3://source/small.csv' }, pace: { kind: 'max' } }
  const asked = Array.from({ length: 100 }, () => first.ask('POST', '/replays', small))
  const ids = (await Promise.all(asked)).map(({ status, body }) => {
    t.equal(status, 202)
    return String(body['id'])
  })
  await servers.waitForState(`replay-${ids[0]}`, 'finished')
  for (const { child } of [...producers, first]) child.kill('SIGKILL')
  await Promise.all([...producers, first].map(({ ended }) => ended))
  const ended = (await servers.store.list({ limit: 200, state: 'finished' })).feeds.length
  t.ok(ended < 100, `${ended} had ended when all was killed`)
  await servers.redisServer.restart()
  start(live)
  start(live)
  const api = await startApiProcess(t, apiOptions)
  const finished = async () => {
    const { body } = await api.ask('GET', '/replays?state=finished&limit=200')
    return (body['items'] as Shown[]).length
  }
  await waitFor('all are finished', async () => (await finished()) === 100, {
    deadlineMs: 90_000,
    describe: finished,
  })
  const pages: string[] = []
  const sent = emittableRows(SMALL).length
  for (let cursor = ''; cursor !== 'null'; ) {
    const { body } = await api.ask('GET', `/replays?limit=7${cursor && `&cursor=${cursor}`}`)
    const items = body['items'] as Shown[]
    pages.push(...items.map(({ id }) => id))
    const wrong = items.filter(
      ({ progress }) => progress['read'] !== SMALL.rows || progress['emitted'] !== sent,
    )
    t.same(wrong, [], `each has read ${SMALL.rows} rows and sent ${sent}`)
    cursor = String(body['nextCursor'])
  }
  t.same(pages.toSorted(), ids.toSorted(), 'each is listed once')
  for (const id of [ids.at(0), ids.at(50), ids.at(-1)]) await checkFeed(t, `replay-${id}`, SMALL)
  await servers.waitForState('live-1', 'finished')
  await checkFeed(t, 'live-1', FILE)
  t.equal((await servers.store.counts('live-1')).read, 1_500)
})
