import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { plantedIn } from '../../../deploy/local/generator/planted-in.ts'
import { RoadpulseError } from '../../../lib/errors.ts'
import type { RunRangeOptions } from '../../../workers/producer/run-range.ts'
import { createMemoryFeedStore } from '../../support/memory-feed-store.ts'
import { createMemoryS3 } from '../../support/memory-s3.ts'
import { emittableRows } from '../../support/producers.ts'
import { bucketOn, csv, FILE, PLAN, runWith } from '../../support/range-runs.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

/** A copy of an accident waits for the first one, so it may come after rows behind it. */
const inOrder = (seqs: readonly number[]) => seqs.toSorted((a, b) => a - b)

/** Until nothing more is sent, though time goes on. */
async function untilIdle(stream: readonly number[]): Promise<void> {
  for (let turns = 0, length = -1; turns < 500; turns++) {
    if (stream.length !== length) turns = 0
    length = stream.length
    await setImmediate()
  }
}

t.test('a stop commits what was sent, so that the next run sends nothing twice', async (t) => {
  const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: 200 } })
  const abort = new AbortController()
  const first = runWith(store, { onCommit: () => first.stream.length > 500 && abort.abort() })
  t.same(await first.run(abort.signal), { kind: 'released' })
  t.ok(first.stream.length < FILE.rows - 200, 'it did not go on')
  t.equal(
    store.committed.at(-1)?.reserved,
    store.committed.at(-1)?.position.seq,
    'the next run inherits nothing',
  )
  const second = runWith(store)
  t.match(await second.run(), { kind: 'done', feed: 'finished' })
  t.same(inOrder([...first.stream, ...second.stream]), emittableRows(FILE))
})

t.test('a stop does not wait for a Kinesis that is away', async (t) => {
  const store = createMemoryFeedStore(PLAN)
  const clock = createSimulatedClock()
  const abort = new AbortController()
  let calls = 0
  let stoppedAt = 0
  const { run } = runWith(store, {
    clock,
    async put() {
      if (++calls === 20) {
        stoppedAt = clock.now()
        abort.abort()
      }
      await clock.sleep(10)
      throw new Error('away')
    },
  })
  t.same(await run(abort.signal), { kind: 'released' })
  t.ok(clock.now() - stoppedAt < 4_000, `${clock.now() - stoppedAt} ms`)
  t.equal((await store.counts('live-1')).emitted, 0)
})

t.test('a row counts as refused only when its dead letter is stored', async (t) => {
  const store = createMemoryFeedStore(PLAN)
  const [firstRefused] = plantedIn(FILE).unreadable
  const { run } = runWith(store, {
    deadLetters: {
      async put() {
        if (++tries < 5) throw new RoadpulseError('DEAD_LETTER_STORE_DOWN', 'down')
        committedBefore = store.committed.at(-1)?.position.seq ?? 0
      },
    },
  })
  let tries = 0
  let committedBefore = 0
  await run()
  t.ok(tries >= 5)
  t.ok(
    committedBefore > 0 && committedBefore < (firstRefused?.seq ?? 0),
    `row ${committedBefore} was committed`,
  )
  t.equal((await store.counts('live-1')).read, FILE.rows)
})

t.test(
  'what was sent ahead of the committed position stays bounded while nothing is committed',
  async (t) => {
    const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: 100 } })
    const abort = new AbortController()
    const { run, stream } = runWith(store, { deadLetters: { put: () => new Promise(() => {}) } })
    void run(abort.signal)
    await untilIdle(stream)
    const committed = store.committed.at(-1)
    t.ok(stream.length > 100)
    t.equal(stream.at(-1), committed?.reserved, 'up to the reservation')
    t.ok((committed?.reserved ?? 0) - (committed?.position.seq ?? 0) < 1_000)
    abort.abort()
  },
)

t.test('a run that was replaced stops sending', async (t) => {
  const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: 100 } })
  const { run, stream } = runWith(store, {
    onCommit: () => {
      if (stream.length > 100) void store.claim('live-1', 0, 100)
    },
  })
  await t.rejects(run(), { code: 'FENCED' })
  const sent = stream.length
  t.ok(sent < FILE.rows / 2)
  await untilIdle(stream)
  t.equal(stream.length, sent)
})

t.test('a feed whose place was taken ends with what it has sent', async (t) => {
  const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: 100 } })
  const { run, stream } = runWith(store, {
    onCommit: () => {
      if (stream.length > 300) store.verdict = 'end'
    },
  })
  t.match(await run(), { kind: 'done', feed: 'ended' })
  t.equal((await store.counts('live-1')).emitted, stream.length)
  t.ok(stream.length < 500)
})

t.test('a feed of rubbish fails with three examples, one with a few bad rows does not', async (t) => {
  const [header] = csv.toString('latin1').split('\n')
  const good = 'x,'.repeat(45)
  const mixed = (bad: number) =>
    `${header}\n${Array.from({ length: 1_200 }, (_, i) => (i % 1_000 < bad ? 'bad' : good)).join('\n')}\n`
  const store = createMemoryFeedStore(PLAN)
  t.match(await runWith(store, { source: mixed(201) }).run(), {
    feed: 'failed',
    message: /201 of the first 201 rows .* example line 2: .*; line 3: .*; line 4: /,
  })
  t.equal((await store.counts('live-1')).refused >= 201, true, 'what was refused is counted')
  t.match(await runWith(createMemoryFeedStore(PLAN), { source: mixed(200) }).run(), {
    feed: 'finished',
  })
})

t.test('an error that is not of the source is thrown, so that the feed is tried again', async (t) => {
  const store = createMemoryFeedStore(PLAN)
  const { run } = runWith(store, {
    isTransient: () => false,
    put: () => Promise.reject(new Error('no such stream')),
  })
  await t.rejects(run(), { message: 'no such stream' })
  t.equal(store.feed.state, 'running')
})

t.test(
  'a row that the filter leaves out is sent, or not counted, or takes the time of one that is due',
  async (t) => {
    const header = ['ID', 'Severity', 'Start_Time', 'Start_Lat', 'Start_Lng', 'State']
    const rowOf = (seq: number) => `A-${seq},2,2022-01-01 00:00:00,30,-90,${seq % 20 === 0 ? 'TX' : 'CA'}`
    const source = [header, ...Array.from({ length: 6_000 }, (_, i) => rowOf(i + 1)), 'not,a,row'].join('\n')
    const store = createMemoryFeedStore({
      ...PLAN,
      pace: { kind: 'rate', rowsPerSecond: 50 },
      filter: { states: ['TX'] },
    })
    const clock = createSimulatedClock()
    const startedAt = clock.now()
    const { stream, run } = runWith(store, { source, clock })
    t.match(await run(), { feed: 'finished' })
    t.same(
      stream,
      Array.from({ length: 300 }, (_, i) => (i + 1) * 20),
    )
    t.match(await store.counts('live-1'), { read: 6_001, emitted: 300, filtered: 5_700, refused: 1 })
    const seconds = (clock.now() - startedAt) / 1_000
    t.ok(seconds > 5 && seconds < 8, `300 rows at 50 a second took ${seconds} s`)
  },
)

t.test('a change of pace takes effect later than within a second', async (t) => {
  for (const [from, to, changedAfterMs] of [
    [10, 500, 1_100],
    [500, 10, 1_510],
    [0.1, 100, 1_950],
  ] as const) {
    const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: from } })
    const clock = createSimulatedClock()
    const abort = new AbortController()
    const sentAt: number[] = []
    const { run } = runWith(store, {
      clock,
      async put(records) {
        for (const _record of records) sentAt.push(clock.now())
        return []
      },
    })
    const running = run(abort.signal)
    await clock.sleep(changedAfterMs)
    store.feed.pace = { kind: 'rate', rowsPerSecond: to }
    const changedAt = clock.now()
    await clock.sleep(2_500)
    abort.abort()
    await running
    const sentIn = (fromMs: number, toMs: number) =>
      sentAt.filter((at) => at > changedAt + fromMs && at <= changedAt + toMs).length
    const after = sentIn(1_000, 2_000)
    t.ok(Math.abs(after - to) <= to * 0.06 + 1, `from ${from} to ${to}: ${after} rows in the second after it`)
    t.ok(Math.abs(sentIn(-1_000, 0) - from) <= from * 0.06 + 1, 'it was another before')
  }
})

t.test('a zipped source is divided, or what it holds is not sent', async (t) => {
  const source = gzipSync(csv)
  const store = createMemoryFeedStore(
    { ...PLAN, source: { ...PLAN.source, bytes: source.length } },
    'replay-1',
  )
  const divided: number[] = []
  const { stream, run } = runWith(store, {
    source,
    rangeBytes: 1_000,
    onDivided: async ({ range }) => void divided.push(range),
  })
  t.match(await run(), { kind: 'done', feed: 'finished' })
  t.same(divided, [])
  t.same(inOrder(stream), emittableRows(FILE))
  t.equal((await store.counts('replay-1')).read, FILE.rows)
  t.equal(store.committed.at(-1)?.bytes, source.length, 'all of it, as stored, was read')
})

t.test('a source that is divided loses a row between two ranges, or counts one twice', async (t) => {
  for (const rangeBytes of [70_000, 100_000, 200_000]) {
    const store = createMemoryFeedStore(
      { ...PLAN, source: { ...PLAN.source, bytes: csv.length } },
      'replay-1',
    )
    const stream: number[] = []
    const ranges: number[] = []
    const open = [0]
    for (let range = open.shift(); range !== undefined; range = open.shift()) {
      ranges.push(range)
      const one = runWith(store, {
        rangeBytes,
        onDivided: async (job) => void open.push(job.range),
      })
      await one.run(undefined, range)
      stream.push(...one.stream)
    }
    t.equal(store.feed.state, 'finished')
    t.ok(ranges.length > 2, `${ranges.length} ranges`)
    t.same(inOrder(stream), emittableRows(FILE), `ranges of ${rangeBytes} bytes`)
    t.equal((await store.counts('replay-1')).read, FILE.rows)
  }
})

t.test('a feed that is paused keeps its producer, or sends what it has sent again', async (t) => {
  const store = createMemoryFeedStore({ ...PLAN, pace: { kind: 'rate', rowsPerSecond: 200 } }, 'replay-1')
  const first = runWith(store, {
    onCommit: () => {
      if (first.stream.length > 500) store.verdict = 'pause'
    },
  })
  t.same(await first.run(), { kind: 'idle' })
  t.ok(first.stream.length < FILE.rows - 300, 'it did not go on')
  store.verdict = 'go'
  const second = runWith(store)
  t.match(await second.run(), { feed: 'finished' })
  t.same(inOrder([...first.stream, ...second.stream]), emittableRows(FILE))
})

/** A recovery of so many letters that nobody can read, and what its runs say was fed in. */
function recoverUnreadable(letters: number, changed: Partial<RunRangeOptions> & { source?: string } = {}) {
  const letter = (_: unknown, i: number) => ({
    place: { key: 'origin=row/dt=2026-01-01/hr=00/a.jsonl.gz', index: i },
    feed: 'live-9',
    seq: i + 1,
    file: 's3://b/k',
    base64: Buffer.from('bad').toString('base64'),
  })
  const list = { headers: { 's3://b/k': ['ID', 'State'] }, letters: Array.from({ length: letters }, letter) }
  const source = gzipSync(JSON.stringify(list))
  const at = { bucket: 'b', key: 'k', etag: '"1"' }
  const store = createMemoryFeedStore(
    { ...PLAN, source: { kind: 'dead-letters', origin: 'row', list: at, letters, bytes: source.length } },
    'recovery-1',
  )
  const fedIn: { sent: number; state: string }[] = []
  const onRecovered = async (_feed: unknown, sent: number) =>
    void fedIn.push({ sent, state: store.feed.state })
  return { store, fedIn, ...runWith(store, { source, onRecovered, ...changed }) }
}

t.test('a recovery whose letters are refused again fails, as a source of rubbish does', async (t) => {
  const { store, letters, fedIn, run } = recoverUnreadable(300)
  t.match(await run(), { kind: 'done', feed: 'finished' })
  t.equal(letters.length, 300, 'each is a dead letter again')
  t.match(letters[299], { origin: 'row', feed: 'live-9', seq: 300, attempt: 2 })
  t.same(fedIn, [{ sent: 300, state: 'running' }], 'marked before it is over')
  t.equal(store.feed.message, undefined)
})

t.test('a recovery that fails or is cancelled leaves what it fed in as if nobody had', async (t) => {
  for (const end of ['failed', 'ended'] as const) {
    const first = recoverUnreadable(30_000, {
      onCommit: () => {
        if (first.letters.length >= 1_000) first.store.verdict = end === 'failed' ? 'pause' : 'end'
      },
    })
    t.match(await first.run(), end === 'failed' ? { kind: 'idle' } : { feed: 'ended' })
    if (end === 'failed') {
      first.store.verdict = 'go'
      // Its list was replaced meanwhile.
      const { s3 } = createMemoryS3('', { etag: '"2"' })
      const onRecovered = async (_feed: unknown, sent: number) =>
        void first.fedIn.push({ sent, state: first.store.feed.state })
      t.match(await runWith(first.store, { s3, onRecovered }).run(), { feed: 'failed' })
    }
    const { length } = first.letters
    t.ok(length >= 1_000 && length < 30_000, `${length} were fed in`)
    t.same(first.fedIn, [{ sent: length, state: 'running' }], end)
  }
})

t.test('a feed that is divided runs below its rate, or above it where several work on it', async (t) => {
  for (const producers of [1, 2]) {
    const clock = createSimulatedClock()
    const bucket = bucketOn(clock)
    const store = createMemoryFeedStore(
      { ...PLAN, source: { ...PLAN.source, bytes: csv.length } },
      'replay-1',
    )
    const waiting = [0]
    let startedAt = 0
    let sent = 0
    let tooEarly = 0
    async function produce(): Promise<void> {
      for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
        const { run } = runWith(store, {
          clock,
          rangeBytes: 200_000,
          rateBucketOf: () => bucket,
          async onDivided({ range: next }) {
            waiting.push(next)
            // From here on at a rate: it is divided no further, and one producer leaves a range waiting.
            store.feed.pace = { kind: 'rate', rowsPerSecond: 100 }
            await clock.sleep(1_000)
            startedAt = clock.now()
            if (producers === 2) working.push(produce())
          },
          async put(records) {
            sent += records.length
            const seconds = (clock.now() - startedAt) / 1_000
            tooEarly = Math.max(tooEarly, sent - seconds * 100)
            return []
          },
        })
        await run(undefined, range)
      }
    }
    const working: Promise<void>[] = []
    working.push(produce())
    for (const one of working) await one
    t.equal(store.feed.state, 'finished')
    t.equal(sent, emittableRows(FILE).length)
    const seconds = (clock.now() - startedAt) / 1_000
    t.ok(tooEarly < 30, `${tooEarly} rows before they were due`)
    t.ok(Math.abs(sent / seconds / 100 - 1) < 0.03, `${sent} rows by ${producers}: ${seconds} s`)
  }
})
