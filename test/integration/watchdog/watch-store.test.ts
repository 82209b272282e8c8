import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import type { IncidentRecord } from '../../../api/watchdog/incident.ts'
import { createIncidentReader } from '../../../api/watchdog/incident-reader.ts'
import { NO_MEMORY } from '../../../api/watchdog/memory.ts'
import type { Pass } from '../../../api/watchdog/watch.ts'
import { createWatchStore } from '../../../api/watchdog/watch-store.ts'
import { closedIncidentsKey, outboxKey, publicationsKey, watchMemoryKey } from '../../../lib/redis/keys.ts'
import { startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const { url } = await startRedis(t)

async function connect(t: Test): Promise<Redis> {
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  await redis.flushall()
  return redis
}

function incident(id: string, changes: Partial<IncidentRecord> = {}): IncidentRecord {
  return {
    id,
    kind: 'down',
    service: 'consumer',
    severity: 'critical',
    state: 'open',
    openedAt: '2026-11-23T12:00:00.000Z',
    closedAt: null,
    summary: 'It is down.',
    workers: ['consumer-1'],
    details: {},
    suppressedBy: null,
    ...changes,
  }
}

const passOf = (at: number, changed: IncidentRecord, isSuppressed = false): Pass => ({
  memory: { ...NO_MEMORY, at },
  changed: [changed],
  announcements: [{ incident: changed, event: changed.state === 'open' ? 'opened' : 'closed', isSuppressed }],
})

const closed = (id: string, closedAt: string) => incident(id, { state: 'closed', closedAt })

t.test('two apis watch at once, or one that was overtaken still writes', async (t) => {
  const redis = await connect(t)
  const [one, other] = [createWatchStore(redis, 'api-1'), createWatchStore(redis, 'api-2')]
  const { watch: first } = await one.take(150)
  if (first === undefined) throw new Error('nobody had it')
  t.equal((await other.take(150)).watch, undefined)
  t.same((await one.take(150)).watch, first, 'renewed under the same epoch')
  const { watch: second } = await waitFor(
    'the watch has run out',
    async () => {
      const taken = await other.take(10_000)
      return taken.watch === undefined ? undefined : { watch: taken.watch }
    },
    { deadlineMs: 2_000, intervalMs: 10 },
  )
  t.ok(Number(second.epoch) > Number(first.epoch))

  t.equal(await one.commit(first, passOf(1, incident('a')), true), false, 'the overtaken one')
  t.same(await redis.keys('*open*'), [])
  t.equal(await other.commit(second, passOf(1, incident('a')), true), true)
  const next = await other.nextUnpublished()
  if (next === undefined) throw new Error('nothing to be told')
  t.equal(await one.record(first, next.publication, 'tried'), false)
  t.equal(await other.record(second, next.publication, 'taken'), true)
  t.equal(await other.record(second, next.publication, 'tried'), false, 'what SNS has taken stays taken')

  await other.leave(second)
  const { watch: third } = await one.take(10_000)
  t.ok(Number(third?.epoch) > Number(second.epoch), 'given up, it is taken at once')
  await other.leave(second)
  t.same((await one.take(10_000)).watch, third, 'only its owner gives it up')
})

t.test('an incident is told twice, out of order, or never', async (t) => {
  const redis = await connect(t)
  const store = createWatchStore(redis, 'api-1')
  const { watch, now } = await store.take(10_000)
  if (watch === undefined) throw new Error('nobody had it')
  const end = new Date(now).toISOString()
  await store.commit(watch, passOf(now, incident('a')), true)
  await store.commit(watch, passOf(now, incident('a')), true)
  await store.commit(watch, passOf(now + 1, closed('a', end)), true)
  const told: string[] = []
  for (;;) {
    const next = await store.nextUnpublished()
    if (next === undefined) break
    told.push(next.publication.dedupId)
    await store.record(watch, { ...next.publication, state: 'published' }, 'taken')
    await store.commit(watch, passOf(now + 2, incident('a')), true)
    await redis.hdel('rp:{watch}:open', 'a')
  }
  t.same(told, ['a.opened', 'a.closed'])

  await store.commit(watch, passOf(now, incident('b'), true), true)
  t.equal(await store.nextUnpublished(), undefined, 'suppressed')
  await store.commit(watch, passOf(now, incident('b')), true)
  t.equal((await store.nextUnpublished())?.publication.dedupId, 'b.opened', 'no longer suppressed')

  await redis.del(outboxKey(), publicationsKey())
  await store.commit(watch, passOf(now, incident('c')), false)
  t.equal(await store.nextUnpublished(), undefined, 'there is nobody to tell')
})

t.test('incidents that are over pile up, or take those that are open with them', async (t) => {
  const redis = await connect(t)
  const store = createWatchStore(redis, 'api-1')
  const reader = createIncidentReader(redis, '/docs/runbook')
  const { watch, now } = await store.take(60_000)
  if (watch === undefined) throw new Error('nobody had it')
  const day = 24 * 3_600_000
  await store.commit(
    watch,
    passOf(now, incident('open', { openedAt: new Date(now - 30 * day).toISOString() })),
    true,
  )
  await store.commit(watch, passOf(now, closed('old', new Date(now - 8 * day).toISOString())), true)
  t.equal(await redis.zcard(closedIncidentsKey()), 0, 'older than seven days')
  for (let i = 0; i < 510; i++) {
    await store.commit(
      watch,
      passOf(now, closed(`i${1_000 + i}`, new Date(now - 1_000 + i).toISOString())),
      true,
    )
  }
  t.equal(await redis.zcard(closedIncidentsKey()), 500)
  t.equal(await redis.hlen(publicationsKey()), 501, 'with their publications')
  t.equal(await redis.zcard(outboxKey()), 501)
  t.ok((await redis.ttl(watchMemoryKey())) > 0)
  t.ok((await redis.ttl(closedIncidentsKey())) > 0)
  const { open, recent } = await reader.readBoard()
  t.same(
    open.map(({ id }) => id),
    ['open'],
  )
  t.match(open[0], { runbook: '/docs/runbook#down', publications: [{ event: 'opened', state: 'pending' }] })
  t.equal(recent.length, 20)
  t.equal(recent[0]?.id, 'i1509')
})

t.test('a page of incidents repeats one, or leaves one out', async (t) => {
  const redis = await connect(t)
  const store = createWatchStore(redis, 'api-1')
  const reader = createIncidentReader(redis, '/docs/runbook')
  const { watch, now } = await store.take(60_000)
  if (watch === undefined) throw new Error('nobody had it')
  const at = (minute: number) => new Date(now - minute * 60_000).toISOString()
  // Two began at the same moment.
  const all = [
    incident('aa', { openedAt: at(1) }),
    ...['d', 'c', 'b', 'a'].map((id, i) => ({ ...closed(id, at(0)), openedAt: at(Math.min(i, 2) + 2) })),
  ]
  for (const one of all) await store.commit(watch, passOf(now, one), true)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof reader.list>> = await reader.list({
      limit: 2,
      ...(cursor === null ? {} : { cursor }),
    })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)
  t.same(seen, ['aa', 'd', 'c', 'b', 'a'])
  t.same(
    (await reader.list({ state: 'open', limit: 9 })).items.map(({ id }) => id),
    ['aa'],
  )
  t.same(
    (await reader.list({ state: 'closed', limit: 9 })).items.map(({ id }) => id),
    ['d', 'c', 'b', 'a'],
  )
})
