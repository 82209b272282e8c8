import { Redis } from 'ioredis'
import t from 'tap'
import { createReplayWatch } from '../../../api/live/replay-watch.ts'
import { type FeedPlan, NO_COUNTS } from '../../../lib/feeds/feed.ts'
import { createFeedStore } from '../../../lib/feeds/feed-store.ts'
import type { RangeOutcome } from '../../../lib/feeds/range-store.ts'
import { startRedis } from '../../support/servers.ts'

const SIZE = 1_000
const PLAN: FeedPlan = {
  source: { kind: 'csv', bucket: 'b', key: 'k.csv', etag: '"1"', bytes: SIZE },
  pace: { kind: 'rate', rowsPerSecond: 50 },
  repeat: false,
}
const FINISHED: RangeOutcome = { kind: 'finished' }

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const store = createFeedStore({ redis })
t.beforeEach(() => redis.flushall())

/** `replay-0` is the oldest. */
async function queue(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await store.create(`replay-${i}`, PLAN)
}

async function run(name: string) {
  const claim = await store.claim(name, 0, 100)
  if (claim === undefined) throw new Error(`${name} cannot be claimed`)
  return claim
}

async function finish(name: string): Promise<void> {
  const { epoch } = await run(name)
  const feed = await store.get(name)
  if (feed === undefined) throw new Error(`there is no ${name}`)
  await store.finish(feed, 0, epoch, FINISHED)
}

t.test('of a hundred replays those that run are not shown, because they are the oldest', async (t) => {
  await queue(100)
  const read = createReplayWatch(store)
  const { epoch } = await run('replay-1')
  await run('replay-0')
  const position = { offset: 500, line: 12, seq: 10 }
  const counts = { ...NO_COUNTS, read: 10, emitted: 10 }
  await store.advance('replay-1', 0, epoch, { position, reserved: 110, bytes: SIZE / 2, counts })

  const at = ((await store.get('replay-1'))?.startedAt ?? 0) + 5_000
  const shown = await read(at)
  t.same(
    shown.slice(0, 4).map(({ feed }) => feed),
    ['replay-1', 'replay-0', 'replay-99', 'replay-98'],
  )
  t.equal(new Set(shown.map(({ id }) => id)).size, shown.length, 'each once')
  t.ok(shown.length <= 90)
  const { progress } = shown[0] ?? {}
  t.match(progress, { share: 0.5, emitted: 10, rowsPerSecond: 2 })
  t.equal(Date.parse(progress?.estimatedEndAt ?? ''), at + 5_000, 'as many are left')
})

t.test('a replay that was seen to run is gone once it ends, and nobody sees how', async (t) => {
  await queue(100)
  const read = createReplayWatch(store)
  for (const name of ['replay-0', 'replay-1']) await run(name)
  await read(Date.now())
  await finish('replay-0')
  await store.pause('replay-1')
  const stateOf = async (id: string, at: number) => (await read(at)).find((replay) => replay.id === id)?.state
  t.equal(await stateOf('0', Date.now()), 'finished')
  t.equal(await stateOf('1', Date.now()), 'paused')
  t.equal(await stateOf('0', Date.now() + 11 * 60_000), undefined, 'that is history')
  await store.resume('replay-1')
  t.equal((await read(Date.now()))[0]?.id, '1')
  await store.cancel('replay-1')
  t.match((await read(Date.now()))[0], { id: '1', state: 'running', ending: 'cancelled' })
})

t.test('reading what runs takes longer the more replays wait', async (t) => {
  const commandsOf = async (waiting: number) => {
    await redis.flushall()
    await queue(waiting)
    await run('replay-0')
    const read = createReplayWatch(store)
    const count = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1])
    const before = await count()
    await read(Date.now())
    return (await count()) - before
  }
  t.equal(await commandsOf(400), await commandsOf(200))
})
