import t from 'tap'
import { plantedIn } from '../../../deploy/local/generator/planted-in.ts'
import { type ApiProcess, startApiProcess } from '../../support/api-process.ts'
import { generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'

const FILE = { seed: 3, rows: 6_000, rate: 50 }
const planted = plantedIn(FILE)

const servers = await startProducerServers(t)
const csv = await generate(FILE)
await servers.putSource('a.csv', csv)

type Item = {
  id: string
  origin: string
  seq: number
  attempt: number
  line: number
  text: string | null
  recovery: string | null
  doneAt: string | null
  storedAt: string
}

async function list(api: ApiProcess, query = ''): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor = ''; cursor !== 'null'; ) {
    const { body } = await api.ask('GET', `/dead-letters?limit=10${query}${cursor && `&cursor=${cursor}`}`)
    items.push(...(body['items'] as Item[]))
    cursor = String(body['nextCursor'])
  }
  return items
}

const recover = (api: ApiProcess, body: object) => api.ask('POST', '/dead-letters/replays', body)

t.test('a dead letter that was fixed does not come back under its own feed and row, once', async (t) => {
  const { start, apiOptions, readEvents } = await servers.prepare(t, 'recovered')
  start({ LIVE_SOURCE: 's3://source/a.csv' })
  await servers.waitForState('live-1', 'finished')
  const api = await startApiProcess(t, apiOptions)

  const rows = await list(api, '&origin=row')
  t.same(
    new Set(rows.map(({ seq }) => seq)),
    new Set(planted.unreadable.map(({ seq }) => seq)),
    'each is listed',
  )
  t.equal(new Set(rows.map(({ id }) => id)).size, planted.unreadable.length, 'once')
  t.equal((await list(api, '&origin=oversize')).length, planted.oversize.length)
  t.equal((await list(api)).length, planted.unreadable.length + planted.oversize.length)
  t.same(await list(api, '&feed=live-9'), [])
  const [first, second, third] = rows
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few')
  t.match((await api.ask('GET', `/dead-letters/${first.id}`)).body, {
    id: first.id,
    attempt: 1,
    doneAt: null,
  })

  const before = await servers.store.counts('live-1')
  const good = csv.toString('latin1').split('\n')[1] ?? ''
  const reply = await recover(api, {
    origin: 'row',
    ids: [first.id, second.id, third.id],
    fixes: [first, second].map(({ id }) => ({ id, text: good })),
    name: 'fixed',
  })
  t.match(reply, { status: 202, body: { kind: 'recovery', name: 'fixed', source: { letters: 3 } } })
  const recovery = String(reply.body['feed'])
  await servers.waitForState(recovery, 'finished')
  const back = (await readEvents('live-1')).filter(({ attempt }) => attempt > 1)
  t.same(
    new Set(back.map(({ seq, attempt }) => `${seq} ${attempt}`)),
    new Set([first, second].map(({ seq }) => `${seq} 2`)),
  )
  t.equal(back.length, 2)
  t.same(await servers.store.counts('live-1'), {
    ...before,
    recovered: 3,
    emitted: before.emitted + 2,
    refused: before.refused + 1,
  })
  t.equal(await servers.store.emittedAsOf('live-1', Date.now() + 1_000), before.emitted + 2)

  const after = await list(api, '&origin=row')
  t.match(
    after.find(({ id }) => id === first.id),
    { recovery, doneAt: /Z$/ },
  )
  const again = after.filter(({ attempt }) => attempt === 2)
  t.match(again, [{ seq: third.seq, line: third.line, text: third.text, doneAt: null }], 'refused again')
  const twice = await recover(api, { origin: 'row', ids: [first.id] })
  t.match(twice, {
    status: 422,
    body: { errors: [{ pointer: '/body/ids', message: /was fed in by recovery-/ }] },
  })

  const rest = { origin: 'row', from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z', feed: 'live-1' }
  const open = after.filter(({ doneAt }) => doneAt === null).length
  const all = await recover(api, rest)
  t.match(all, { status: 202, body: { source: { letters: open } } }, 'all that are not done')
})

t.test('two people feed the same letters in, or nobody can after one gave up', async (t) => {
  const { start, apiOptions } = await servers.prepare(t, 'claimed')
  const producer = start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_ROWS: `${planted.oversize[0]}` })
  await servers.waitForState('live-1', 'finished')
  producer.child.kill('SIGTERM')
  await producer.ended
  const api = await startApiProcess(t, apiOptions)
  const [letter] = await list(api, '&origin=row')
  const request = { origin: 'row', ids: [letter?.id] }
  const replies = await Promise.all([recover(api, request), recover(api, request)])
  t.same(new Set(replies.map(({ status }) => status)), new Set([202, 409]))
  const body = replies.find(({ status }) => status === 202)?.body ?? {}
  const held = (await list(api, '&origin=row')).find(({ id }) => id === letter?.id)
  t.match(held, { recovery: body['feed'], doneAt: null })
  t.match(await api.ask('DELETE', `/replays/${String(body['id'])}`), {
    status: 200,
    body: { state: 'cancelled' },
  })
  t.equal((await recover(api, request)).status, 202)

  const [oversize] = await list(api, '&origin=oversize')
  t.ok(oversize)
  const wrong = await recover(api, { origin: 'row', ids: [oversize?.id, 'nonsense'] })
  t.match(wrong, { status: 422, body: { errors: [{ pointer: '/body/ids/1' }] } })
  t.match(await recover(api, { origin: 'row', ids: [oversize?.id] }), { status: 422 })
  t.equal((await recover(api, { origin: 'oversize', ids: [oversize?.id] })).status, 400)
})

t.test('a row is read by the header of a file that took the place of its own', async (t) => {
  const { start, apiOptions, readEvents } = await servers.prepare(t, 'replaced')
  await servers.putSource('b.csv', csv)
  start({ LIVE_SOURCE: 's3://source/b.csv', LIVE_ROWS: `${planted.unreadable[0]?.seq}` })
  await servers.waitForState('live-1', 'finished')
  const api = await startApiProcess(t, apiOptions)
  const [letter] = await list(api, '&origin=row')
  if (letter === undefined) throw new Error('there is no letter')
  // S3 tells whole seconds.
  const nextSecond = Date.parse(letter.storedAt) + 1_000
  await waitFor('the next second', async () => Date.now() > nextSecond, { deadlineMs: 5_000 })
  await servers.putSource(
    'b.csv',
    csv.toString('latin1').replace('Start_Lat,Start_Lng', 'Start_Lng,Start_Lat'),
  )

  const row = csv.toString('latin1').split('\n')[1] ?? ''
  const fixedAs = (text: string) => ({ origin: 'row', ids: [letter.id], fixes: [{ id: letter.id, text }] })
  t.match(await recover(api, fixedAs(row)), {
    status: 422,
    body: { errors: [{ pointer: '/body/ids', message: /b\.csv was written again after .* JSON in fixes/ }] },
  })
  t.equal((await api.ask('GET', `/dead-letters/${letter.id}`)).body['recovery'], null, 'it is free')
  const event = {
    id: 'A-fixed',
    severity: 2,
    start_time: '2022-01-05 10:00:00',
    start_lat: 30,
    start_lng: -90,
  }
  const reply = await recover(api, fixedAs(JSON.stringify(event)))
  t.equal(reply.status, 202, 'what names its fields needs no header')
  await servers.waitForState(String(reply.body['feed']), 'finished')
  const back = (await readEvents('live-1')).filter(({ attempt }) => attempt > 1)
  t.match(back, [{ id: 'A-fixed', start_lat: 30, start_lng: -90 }])
})

t.test('what Flink or the consumer refused does not go back the way that it came', async (t) => {
  const { start, apiOptions, readEvents, putLetters } = await servers.prepare(t, 'origins')
  const event = { feed: 'live-7', seq: 12, attempt: 1, event_time: 1, emitted_at: 1, id: 'A-1', features: [] }
  const envelope = { id: 'x', type: 'accident', feed: 'envelope' }
  await putLetters([
    {
      origin: 'rejected',
      reason: 'r',
      feed: 'live-7',
      seq: 12,
      attempt: 1,
      bytes: Buffer.from(JSON.stringify(event)),
    },
    { origin: 'rejected', reason: 'no feed', bytes: Buffer.from('x') },
    {
      origin: 'handler',
      reason: 'h',
      shardId: 's',
      sequenceNumber: '1',
      bytes: Buffer.from(JSON.stringify(envelope)),
    },
  ])
  const api = await startApiProcess(t, apiOptions)
  start({})
  const letters = await list(api)
  const idOf = (origin: string, seq: number | null) =>
    letters.find((letter) => letter.origin === origin && letter.seq === seq)?.id
  t.match(await recover(api, { origin: 'rejected', ids: [idOf('rejected', null)] }), { status: 422 })
  for (const origin of ['rejected', 'handler']) {
    const id = idOf(origin, origin === 'handler' ? null : 12)
    const reply = await recover(api, { origin, ids: [id] })
    t.equal(reply.status, 202)
    await servers.waitForState(String(reply.body['feed']), 'finished')
    const done = (await list(api, `&origin=${origin}`)).filter(({ doneAt }) => doneAt !== null)
    t.match(done, [{ id, recovery: reply.body['feed'] }], 'it is done, and no other')
    t.match(await recover(api, { origin, ids: [id] }), {
      status: 422,
      body: { errors: [{ message: /was fed in by recovery-/ }] },
    })
  }
  const [back] = await readEvents('live-7')
  t.match(back, { feed: 'live-7', seq: 12, attempt: 2, id: 'A-1' })
  t.ok((back?.event_time ?? 0) > 1)
  t.same(await readEvents('envelope'), [envelope], 'as it was')
})
