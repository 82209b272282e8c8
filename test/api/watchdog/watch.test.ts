import t from 'tap'
import { WatchedFleet, watchedFeed } from '../../support/watched-fleet.ts'

/** Of a feed that is over, so that nobody has to read it. */
const BROKEN = { state: 'finished', brokenSince: 'x', differences: 'accidents 3' } as const

/** How each kind of incident begins and ends; `holds` is how long it goes on, in which nothing more may be said. */
const KINDS: {
  key: string
  begin(fleet: WatchedFleet): void
  each?: (fleet: WatchedFleet) => void
  end(fleet: WatchedFleet): void
  silentSeconds: number
  openWithinSeconds: number
  closeWithinSeconds: number
}[] = [
  {
    key: 'down.consumer',
    begin: (fleet) => (fleet.worker('consumer-1').state = 'frozen'),
    end: (fleet) => void fleet.start('consumer', 'consumer-2'),
    silentSeconds: 4,
    openWithinSeconds: 7,
    closeWithinSeconds: 14,
  },
  {
    key: 'unresponsive.consumer',
    begin: (fleet) => Object.assign(fleet.worker('consumer-1'), { pace: 0, lagMs: 60_000 }),
    end: (fleet) => Object.assign(fleet.worker('consumer-1'), { pace: 10, lagMs: 0 }),
    silentSeconds: 25,
    openWithinSeconds: 32,
    closeWithinSeconds: 13,
  },
  {
    key: 'failing.consumer',
    begin: (fleet) => Object.assign(fleet.worker('consumer-1'), { pace: 0, lagMs: 60_000, error: 'handler' }),
    end: (fleet) => {
      const { error: _, ...rest } = fleet.worker('consumer-1')
      fleet.workers.set('consumer-1', { ...rest, pace: 10, lagMs: 0 })
    },
    silentSeconds: 14,
    openWithinSeconds: 18,
    closeWithinSeconds: 50,
  },
  {
    key: 'under-strength.consumer',
    begin: (fleet) => (fleet.worker('consumer-1').state = 'stopped'),
    end: (fleet) => void fleet.start('consumer', 'consumer-2'),
    silentSeconds: 58,
    openWithinSeconds: 63,
    closeWithinSeconds: 14,
  },
  {
    key: 'shard-unowned.consumer',
    begin: (fleet) => (fleet.shards = [{ shardId: 'shard-0', parents: [], checkpoint: '7' }]),
    end: (fleet) =>
      (fleet.shards = [{ shardId: 'shard-0', parents: [], checkpoint: '7', owner: 'consumer-1' }]),
    silentSeconds: 18,
    openWithinSeconds: 23,
    closeWithinSeconds: 13,
  },
  {
    key: 'stalled.flink',
    begin: (fleet) => (fleet.feeds = [watchedFeed({ emitted: 100, counted: 100 })]),
    each: ({ feeds }) => {
      for (const feed of feeds ?? []) {
        if (feed.state === 'running')
          Object.assign(feed, { emitted: feed.emitted + 50, read: feed.read + 50 })
      }
    },
    end: (fleet) => (fleet.feeds = [watchedFeed({ state: 'finished', emitted: 9_000, counted: 9_000 })]),
    silentSeconds: 58,
    openWithinSeconds: 64,
    closeWithinSeconds: 13,
  },
  {
    key: 'stalled.producer',
    begin: (fleet) => (fleet.feeds = [watchedFeed({ read: 100, emitted: 100, counted: 100 })]),
    end: (fleet) =>
      (fleet.feeds = [watchedFeed({ state: 'finished', read: 200, emitted: 200, counted: 200 })]),
    silentSeconds: 58,
    openWithinSeconds: 64,
    closeWithinSeconds: 13,
  },
  {
    key: 'stalled.firehose',
    begin: (fleet) => (fleet.feeds = [watchedFeed()]),
    each: ({ feeds }) => {
      for (const feed of feeds ?? []) {
        if (feed.state !== 'running') continue
        const rows = feed.emitted + 50
        Object.assign(feed, { emitted: rows, read: rows, counted: rows })
      }
    },
    end(fleet) {
      fleet.newestRawObject = 'dt=2026-11-23/hr=12/a.gz'
      fleet.feeds = [watchedFeed({ state: 'finished', emitted: 9_000, counted: 9_000 })]
    },
    silentSeconds: 58,
    openWithinSeconds: 64,
    closeWithinSeconds: 13,
  },
  {
    key: 'stalled.consumer',
    begin: (fleet) =>
      (fleet.shards = [
        { shardId: 's', parents: [], checkpoint: '7', owner: 'consumer-1', msBehindLatest: 90_000 },
      ]),
    end: (fleet) =>
      (fleet.shards = [
        { shardId: 's', parents: [], checkpoint: '8', owner: 'consumer-1', msBehindLatest: 500 },
      ]),
    silentSeconds: 58,
    openWithinSeconds: 63,
    closeWithinSeconds: 13,
  },
  {
    key: 'conservation-broken.pipeline',
    begin: (fleet) => (fleet.feeds = [watchedFeed(BROKEN)]),
    end: (fleet) => (fleet.feeds = [watchedFeed({ state: 'finished' })]),
    silentSeconds: 8,
    openWithinSeconds: 13,
    closeWithinSeconds: 63,
  },
  {
    key: 'dependency.kinesis',
    begin: (fleet) => (fleet.failingDependencies = { kinesis: 'refused' }),
    end: (fleet) => (fleet.failingDependencies = {}),
    silentSeconds: 4,
    openWithinSeconds: 8,
    closeWithinSeconds: 13,
  },
]

for (const kind of KINDS) {
  t.test(`${kind.key} opens too early, is told more than once, or is never over`, async (t) => {
    const fleet = new WatchedFleet().watch(10)
    const each = () => kind.each?.(fleet)
    // Only one of them is about the raw layer.
    if (kind.key !== 'stalled.firehose') fleet.newestRawObject = undefined
    kind.begin(fleet)
    t.same(fleet.watch(kind.silentSeconds, each).take(), [], 'a short while is no incident')
    fleet.watch(kind.openWithinSeconds - kind.silentSeconds, each)
    t.same(fleet.take(), [`opened ${kind.key}`])
    t.same(fleet.watch(45, each).take(), [], 'while it goes on, nothing more is said')
    kind.end(fleet)
    t.same(fleet.watch(5, each).take(), [], 'it is not over at the first good sign')
    t.same(fleet.watch(kind.closeWithinSeconds - 5, each).take(), [`closed ${kind.key}`])
    t.same(fleet.watch(900).take(), [], 'and then it stays over')
  })
}

t.test('somebody is woken by a clean stop, a deploy, or a night in which nothing happens', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  for (const kind of ['producer', 'consumer', 'firehose', 'api']) {
    fleet.worker(`${kind}-1`).state = 'draining'
    fleet.watch(3)
    fleet.worker(`${kind}-1`).state = 'stopped'
    fleet.watch(20)
    fleet.start(kind, `${kind}-2`)
    fleet.watch(5)
  }
  t.same(fleet.take(), [], 'a deploy')
  fleet.feeds = [watchedFeed({ state: 'paused', read: 10, emitted: 10, counted: 10 })]
  t.same(fleet.watch(600).take(), [], 'a paused feed')
  fleet.feeds = [
    watchedFeed({ state: 'finished', finishedAt: fleet.now, read: 10, emitted: 10, counted: 10 }),
  ]
  for (const kind of ['producer', 'consumer']) fleet.worker(`${kind}-2`).pace = 0
  t.same(fleet.watch(8 * 3_600).take(), [], 'a finished feed, and an idle night')
  fleet.wanted = { ...fleet.wanted, consumer: 0 }
  fleet.worker('consumer-2').state = 'stopped'
  fleet.shards = [{ shardId: 'shard-0', parents: [], checkpoint: '7' }]
  t.same(fleet.watch(300).take(), [], 'nobody is wanted')
})

t.test('a feed that is slow, or waits for the time of its next accident, counts as stalled', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  const counts = { read: 10, emitted: 10, counted: 10 }
  fleet.feeds = [
    watchedFeed({ ...counts, name: 'replay-a', pace: { kind: 'speed', factor: 1 } }),
    watchedFeed({ ...counts, name: 'replay-b', pace: { kind: 'rate', rowsPerSecond: 0.02 } }),
  ]
  t.same(fleet.watch(400).take(), [])
})

t.test('a worker that returns under another id, or under its own, leaves its incident open', async (t) => {
  for (const id of ['consumer-2', 'consumer-1']) {
    const fleet = new WatchedFleet().watch(5)
    fleet.worker('consumer-1').state = 'frozen'
    fleet.watch(8)
    t.same(fleet.take(), ['opened down.consumer'], id)
    fleet.start('consumer', id)
    t.same(fleet.watch(14).take(), ['closed down.consumer'], id)
    t.same(fleet.watch(900).take(), [], id)
  }
})

t.test('a kill is not told because a successor was there within five seconds', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.worker('consumer-1').state = 'frozen'
  fleet.watch(2)
  fleet.start('consumer', 'consumer-2')
  t.same(fleet.watch(6).take(), ['opened down.consumer'])
  t.same(fleet.watch(12).take(), ['closed down.consumer'])
})

t.test('an incident of several workers is over before as many as are wanted are back', async (t) => {
  const fleet = new WatchedFleet()
  fleet.wanted = { consumer: 2 }
  fleet.start('consumer', 'consumer-2')
  fleet.watch(5)
  fleet.worker('consumer-1').state = 'frozen'
  fleet.watch(3)
  fleet.worker('consumer-2').state = 'frozen'
  fleet.watch(10)
  t.same(fleet.take(), ['opened down.consumer'], 'one incident for both')
  t.same(fleet.memory.conditions['down.consumer']?.incident?.workers, ['consumer-1', 'consumer-2'])
  fleet.start('consumer', 'consumer-3')
  t.same(fleet.watch(60).take(), [])
  // Nobody watches for two minutes, and who was silent before that is forgotten.
  fleet.lookAway(120)
  t.same(fleet.watch(60).take(), [], 'still one too few')
  fleet.start('consumer', 'consumer-4')
  t.same(fleet.watch(14).take(), ['closed down.consumer'])
})

t.test('a clock that is set makes a healthy worker look gone, or hides one that is', async (t) => {
  for (const stepMs of [-3_600_000, -5_000, 5_000, 86_400_000]) {
    const fleet = new WatchedFleet().watch(10)
    fleet.worker('consumer-1').clockMs = stepMs
    t.same(fleet.watch(120).take(), [], `a worker's clock by ${stepMs} ms`)
    fleet.now += stepMs
    t.same(fleet.watch(120).take(), [], `the clock of Redis by ${stepMs} ms`)
    fleet.worker('consumer-1').state = 'frozen'
    t.same(fleet.watch(8).take(), ['opened down.consumer'], 'and it still sees an end')
  }
})

t.test('everybody counts as gone after Redis was away for a minute', async (t) => {
  for (const seconds of [3, 8, 20, 59, 61, 3_600]) {
    const fleet = new WatchedFleet().watch(10)
    for (const worker of fleet.workers.values()) worker.state = 'frozen'
    fleet.watch(2)
    fleet.lookAway(seconds)
    // After a long outage they come back one after the other.
    fleet.watch(1)
    for (const worker of fleet.workers.values()) {
      fleet.watch(seconds < 10 ? 0 : 1)
      worker.state = 'running'
    }
    t.same(fleet.watch(120).take(), [], `${seconds} s`)
  }
})

t.test('who ended while nobody watched is told although others took over long ago', async (t) => {
  for (const seconds of [30, 120]) {
    const fleet = new WatchedFleet().watch(5)
    fleet.worker('consumer-1').state = 'frozen'
    fleet.start('consumer', 'consumer-2')
    fleet.lookAway(seconds)
    t.same(fleet.watch(14).take(), seconds < 60 ? ['opened down.consumer'] : [], `${seconds} s`)
  }
})

t.test('a worker that ended before anybody watched is told as an incident', async (t) => {
  const fleet = new WatchedFleet()
  fleet.start('consumer', 'consumer-0').state = 'running'
  fleet.watch(1)
  fleet.worker('consumer-0').state = 'frozen'
  t.same(fleet.watch(600).take(), [])
})

t.test('a worker that flaps sends a message each time', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  const worker = fleet.worker('consumer-1')
  // A minute well, twenty seconds silent, for an hour.
  fleet.watch(3_600, (second) => {
    worker.state = second % 80 < 20 ? 'frozen' : 'running'
  })
  const told = fleet.take().filter((event) => event.endsWith('down.consumer'))
  t.ok(told.length <= 12, `${told.length} messages of 45 silences`)
  worker.state = 'running'
  fleet.watch(600)
  t.notOk(Object.values(fleet.memory.conditions).some(({ incident }) => incident !== null))
})

t.test('a process that ends again and again is not told as failing', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  for (let life = 2; life <= 6; life++) {
    fleet.worker(`consumer-${life - 1}`).state = 'frozen'
    fleet.watch(3)
    fleet.start('consumer', `consumer-${life}`)
    fleet.watch(12)
  }
  t.ok(fleet.take().includes('opened failing.consumer'))
  t.ok(fleet.watch(300).take().includes('closed failing.consumer'))
  // Under one id there is no silence to be seen.
  const again = new WatchedFleet().watch(5)
  for (let life = 0; life < 4; life++) {
    again.start('producer', 'producer-1')
    again.watch(10)
  }
  t.same(again.take(), ['opened failing.producer'])
})

t.test('a consumer that puts aside what it cannot handle counts as well', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  const worker = fleet.worker('consumer-1')
  t.same(fleet.watch(120, (s) => (worker.progress.putAside += s % 20 === 0 ? 1 : 0)).take(), [], '0.5%')
  fleet.watch(60, () => (worker.progress.putAside += 2))
  t.same(fleet.take(), ['opened failing.consumer'])
  t.same(fleet.watch(240).take(), ['closed failing.consumer'])
})

t.test('what follows from a dependency that is away is told as if it were something else', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  const worker = fleet.worker('consumer-1')
  fleet.failingDependencies = { s3: 'refused' }
  Object.assign(worker, { pace: 0, lagMs: 90_000, error: 'S3 is away' })
  t.same(fleet.watch(60).take(), ['opened dependency.s3', 'opened failing.consumer suppressed'])
  fleet.failingDependencies = {}
  delete worker.error
  Object.assign(worker, { pace: 10, lagMs: 0 })
  t.same(fleet.watch(60).take(), ['closed dependency.s3', 'closed failing.consumer suppressed'])
})

t.test('counts that differ for a moment, or because S3 is away, are told as lost', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.feeds = [watchedFeed(BROKEN)]
  t.same(fleet.watch(5).take(), [])
  fleet.feeds = [watchedFeed({ ...BROKEN, differences: '' })]
  t.same(fleet.watch(120).take(), [], 'they agree, and it is not yet believed that they do')
  fleet.failingDependencies = { s3: 'refused' }
  fleet.feeds = [watchedFeed(BROKEN)]
  const told = ['opened dependency.s3', 'opened conservation-broken.pipeline suppressed']
  t.same(fleet.watch(60).take(), told)
  fleet.failingDependencies = {}
  fleet.feeds = [watchedFeed({ state: 'finished' })]
  t.same(fleet.watch(90).take(), ['closed dependency.s3', 'closed conservation-broken.pipeline suppressed'])
})

t.test('what outlasts the dependency that explained it is never told', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.failingDependencies = { s3: 'refused' }
  Object.assign(fleet.worker('consumer-1'), { pace: 0, lagMs: 90_000, error: 'its own fault after all' })
  fleet.watch(60)
  fleet.take()
  fleet.failingDependencies = {}
  t.same(fleet.watch(30).take(), ['closed dependency.s3'])
  t.same(fleet.watch(30).take(), ['opened failing.consumer'])
})

t.test('Flink is blamed for what the consumer does not hand on', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.feeds = [watchedFeed()]
  const flow = () => {
    for (const feed of fleet.feeds ?? [])
      Object.assign(feed, { emitted: feed.emitted + 50, read: feed.read + 50 })
  }
  Object.assign(fleet.worker('consumer-1'), { lagMs: 40_000, pace: 0 })
  fleet.newestRawObject = undefined
  t.same(fleet.watch(180, flow).take(), ['opened unresponsive.consumer'])
})

t.test('shards that wait for their parents, or have ended, count as unowned', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.shards = [
    { shardId: 'a', parents: [], checkpoint: 'SHARD_END' },
    { shardId: 'b', parents: [], checkpoint: '9', owner: 'consumer-1' },
    { shardId: 'c', parents: ['b'], checkpoint: 'TRIM_HORIZON' },
  ]
  t.same(fleet.watch(120).take(), [])
})

t.test('what cannot be read counts as over', async (t) => {
  const fleet = new WatchedFleet().watch(5)
  fleet.feeds = [watchedFeed(BROKEN)]
  fleet.watch(15)
  t.same(fleet.take(), ['opened conservation-broken.pipeline'])
  fleet.feeds = undefined
  t.same(fleet.watch(60).take(), [])
})
