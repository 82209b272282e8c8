import type { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { parsePosition } from '../../../api/live/event-frames.ts'
import { createEventHub } from '../../../api/live/event-hub.ts'
import { FakeSnapshots, fakeSnapshot, receivedAccident } from '../../support/fake-app.ts'

const accidents = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => receivedAccident(from + i))

t.test(
  'a new client gets the state and all accidents that are held, and then only what is new',
  async (t) => {
    const snapshots = new FakeSnapshots(fakeSnapshot(accidents(1, 3)))
    const hub = createEventHub(snapshots, { maxClients: 500 })
    t.teardown(() => hub.close())
    const client = connect(hub.connect(undefined))
    t.match(client.text(), /^retry: \d+\n\n/)
    t.same(client.events(), ['fleet', 'pipeline', 'incidents', 'replays', 'insights', 'accidents'])
    t.match(client.accidents(), [{ id: 'live-3/3-0', reset: true, seqs: [1, 2, 3] }])
    snapshots.publish(fakeSnapshot(accidents(1, 5)))
    t.match(client.accidents()[1], { id: 'live-3/5-0', reset: false, seqs: [4, 5] })
    snapshots.publish(fakeSnapshot(accidents(1, 5)))
    t.equal(client.accidents().length, 2, 'nothing new, nothing sent')
  },
)

t.test('a client that comes back is given exactly what it missed', async (t) => {
  const hub = createEventHub(new FakeSnapshots(fakeSnapshot(accidents(1, 50))), { maxClients: 500 })
  t.teardown(() => hub.close())
  const client = connect(hub.connect(parsePosition('live-3/44-0')))
  t.match(client.accidents(), [{ reset: false, seqs: [45, 46, 47, 48, 49, 50] }])
})

t.test('a client that cannot be continued begins anew instead of missing accidents', async (t) => {
  const hub = createEventHub(new FakeSnapshots(fakeSnapshot(accidents(10, 12))), { maxClients: 500 })
  t.teardown(() => hub.close())
  for (const lastEventId of ['live-3/4-0', 'live-2/11-0', 'nonsense', '../../x/1-0']) {
    const client = connect(hub.connect(parsePosition(lastEventId)))
    t.match(client.accidents(), [{ reset: true, seqs: [10, 11, 12] }], lastEventId)
  }
})

t.test('a feed that has just begun takes the place of the one before, once', async (t) => {
  const snapshots = new FakeSnapshots(fakeSnapshot(accidents(1, 2)))
  const hub = createEventHub(snapshots, { maxClients: 500 })
  t.teardown(() => hub.close())
  const client = connect(hub.connect(undefined))
  for (let i = 0; i < 3; i++) snapshots.publish(fakeSnapshot([], 'live-4'))
  t.match(client.accidents().slice(1), [{ id: 'live-4/0-0', reset: true, seqs: [] }])
  t.equal(client.accidents().length, 2)
})

t.test('of many accidents at once the older ones come as dots only', async (t) => {
  const hub = createEventHub(new FakeSnapshots(fakeSnapshot(accidents(1, 1_000))), { maxClients: 500 })
  t.teardown(() => hub.close())
  const [batch] = connect(hub.connect(undefined)).accidents()
  t.equal(batch?.seqs.length, 40)
  t.equal(batch?.dots.length, 960)
  t.same(batch?.dots[0]?.slice(2), [2, 0])
})

t.test('a client that does not read costs no memory and misses no accident', async (t) => {
  const snapshots = new FakeSnapshots(fakeSnapshot(accidents(1, 600)))
  const hub = createEventHub(snapshots, { maxClients: 500 })
  t.teardown(() => hub.close())
  const stream = hub.connect(undefined) as PassThrough
  const later = fakeSnapshot(accidents(10, 610))
  for (let i = 0; i < 1_000; i++) snapshots.publish(later)
  t.ok(stream.readableLength + stream.writableLength < 200_000, 'states that nobody reads do not pile up')
  const client = connect(stream)
  for (let i = 0; i < 10; i++) {
    client.text()
    await new Promise((resolve) => setImmediate(resolve))
  }
  snapshots.publish(later)
  t.match(client.accidents(), [
    { reset: true },
    { reset: false, seqs: accidents(601, 610).map(({ seq }) => seq) },
  ])
})

t.test('clients that come at once are each rendered a picture of their own', async (t) => {
  const snapshot = fakeSnapshot(accidents(1, 3))
  let read = 0
  const counted = {
    ...snapshot,
    get fleet() {
      read++
      return snapshot.fleet
    },
  }
  const hub = createEventHub(new FakeSnapshots(counted), { maxClients: 500 })
  t.teardown(() => hub.close())
  const clients = Array.from({ length: 50 }, () => connect(hub.connect(undefined)))
  t.equal(read, 1)
  for (const client of clients) t.match(client.accidents(), [{ reset: true, seqs: [1, 2, 3] }])
})

t.test('a client that leaves is forgotten, and too many are turned away', async (t) => {
  const hub = createEventHub(new FakeSnapshots(), { maxClients: 500 })
  t.teardown(() => hub.close())
  const streams = Array.from({ length: 500 }, () => hub.connect(undefined))
  t.equal(hub.connect(undefined), undefined)
  const closed = new Promise((resolve) => streams[0]?.once('close', resolve))
  streams[0]?.destroy()
  await closed
  t.equal(hub.size, 499)
  t.ok(hub.connect(undefined))
})

t.test('closing the hub ends every stream, so that a stop does not wait for readers', async () => {
  const hub = createEventHub(new FakeSnapshots(), { maxClients: 500 })
  const stream = hub.connect(undefined) as Readable
  stream.resume()
  const ended = new Promise((resolve) => stream.once('end', resolve))
  hub.close()
  await ended
})

type Batch = { id: string; reset: boolean; seqs: number[]; dots: number[][] }

/** Reads an event stream as a browser does. */
function connect(stream: Readable | undefined) {
  let text = ''
  const read = () => {
    for (let chunk = stream?.read(); chunk !== null && chunk !== undefined; chunk = stream?.read()) {
      text += String(chunk)
    }
    return text
  }
  const frames = () => read().split('\n\n').slice(1, -1)
  const field = (frame: string, name: string) =>
    frame
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? ''
  return {
    text: read,
    events: () => frames().map((frame) => field(frame, 'event')),
    accidents: (): Batch[] =>
      frames()
        .filter((frame) => field(frame, 'event') === 'accidents')
        .map((frame) => {
          const { reset, items, dots } = JSON.parse(field(frame, 'data'))
          const seqs = items.map((item: { seq: number }) => item.seq)
          return { id: field(frame, 'id'), reset, seqs, dots }
        }),
  }
}
