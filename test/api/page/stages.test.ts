import t from 'tap'
import { LAWS } from '../../../lib/process/metrics/labels.ts'
import { importPageModule } from '../../support/page-module.ts'

type Stage = { id: string; figure: string; facts: string[]; remark: { level: string; text: string } }
type Rates = {
  add(name: string, at: number, counts: Record<string, number>): void
  perSecond(count: string): number | null
}

const { describeStages } = await importPageModule<{ describeStages: (state: object) => Stage[] }>(
  'pipeline/stages.js',
)
const { createRates } = await importPageModule<{ createRates: () => Rates }>('pipeline/rates.js')

const NOW = Date.UTC(2026, 10, 23, 12)
const iso = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString()
const NO_DIFFERENCES = Object.fromEntries(LAWS.map((law) => [law, 0]))
const FEED = {
  feed: 'live-1',
  state: 'running',
  read: 1_000,
  refused: 10,
  filtered: 0,
  emitted: 990,
  in: 950,
  resent: 20,
  rejected: 5,
  valid: 925,
  repeated: 25,
  unique: 900,
  onTime: 880,
  late: 20,
  received: { accident: 860, accidentLate: 20, rejected: 5 },
  windowed: 700,
  watermark: iso(31),
  emittedPerSecond: 50,
  receivedPerSecond: 44,
  differences: NO_DIFFERENCES,
}

const worker = (kind: string, changes: object = {}) => ({
  id: `${kind}-1`,
  kind,
  state: 'running',
  since: iso(600),
  lastSeen: iso(1),
  lagMs: 40,
  progress: { records: 100 },
  ...changes,
})
const SHARD = { owner: 'consumer-1', checkpoint: '495', msBehindLatest: 1_200 }
const FLEET = {
  asOf: iso(0),
  workers: ['producer', 'consumer', 'firehose'].map((kind) => worker(kind)),
  shards: [SHARD, { ...SHARD, owner: null, checkpoint: 'SHARD_END' }],
}

function stageOf(id: string, changes: { feed?: object; fleet?: object; incidents?: object } = {}): Stage {
  const stages = describeStages({
    feed: { ...FEED, ...changes.feed },
    fleet: { ...FLEET, ...changes.fleet },
    incidents: changes.incidents,
    perSecond: () => 12.34,
  })
  const stage = stages.find((candidate) => candidate.id === id)
  if (stage === undefined) throw new Error(`no stage ${id}`)
  return stage
}

t.test('what waits in a stream is not the difference of what went in and came out', async (t) => {
  t.equal(stageOf('stream-1').figure, '60', 'without what was sent again')
  t.equal(stageOf('stream-2').figure, '20')
  t.equal(
    stageOf('stream-2', { feed: { received: { accident: 999, accidentLate: 20, rejected: 5 } } }).figure,
    '0',
  )
})

t.test('a stage at which rows are missing looks well', async (t) => {
  const differences = { ...NO_DIFFERENCES, deduplication: -2, lateness: -1 }
  t.same(stageOf('flink', { feed: { differences } }).remark, { level: 'bad', text: '3 missing' })
  t.equal(stageOf('stream-1', { feed: { differences } }).remark.level, 'good', 'and only that one')
})

t.test(
  'an incident is not shown at the stage of its service, or a warning hides a critical one',
  async (t) => {
    const open = ['warning', 'critical'].map((severity) => ({
      service: 'consumer',
      severity,
      kind: severity === 'critical' ? 'down' : 'under-strength',
      openedAt: iso(20),
    }))
    t.match(stageOf('consumer', { incidents: { open } }).remark, {
      level: 'bad',
      text: /^down since \d\d:59:40$/,
    })
    t.match(stageOf('consumer', { incidents: { open: open.slice(0, 1) } }).remark, {
      level: 'warn',
      text: /^under strength since/,
    })
    t.equal(stageOf('producer', { incidents: { open } }).remark.level, 'good')
  },
)

t.test('a process that nobody runs, or that does not answer, looks well', async (t) => {
  const silent = { workers: [worker('producer', { state: 'silent', lastSeen: iso(30) })] }
  t.match(stageOf('producer', { fleet: silent }).remark, { level: 'bad' })
  const stopped = { workers: [worker('consumer', { state: 'stopped' })] }
  t.same(stageOf('consumer', { fleet: stopped }).remark, { level: 'warn', text: 'none is running' })
  t.same(stageOf('firehose', { fleet: { workers: [] } }).remark, { level: 'idle', text: 'run by AWS' })
  t.same(stageOf('raw-layer', { fleet: { workers: [] } }).remark, { level: 'idle', text: 'not known here' })
})

t.test('a consumer that is far behind looks well', async (t) => {
  const shards = [{ ...SHARD, msBehindLatest: 45_000 }]
  t.same(stageOf('stream-2', { fleet: { shards } }).remark, { level: 'warn', text: 'the consumer is slower' })
  t.same(
    stageOf('consumer').facts,
    ['1 running', '1 of 1 shards owned'],
    'a shard read to its end needs no owner',
  )
})

t.test('a rate is taken over more than ten seconds, or over two lives of what is counted', async (t) => {
  const rates = createRates()
  rates.add('live-1', 0, { read: 0 })
  t.equal(rates.perSecond('read'), null)
  rates.add('live-1', 5_000, { read: 1_000 })
  t.equal(rates.perSecond('read'), 200)
  rates.add('live-1', 15_000, { read: 1_500 })
  t.equal(rates.perSecond('read'), 50)
  rates.add('live-1', 16_000, { read: 3 })
  t.equal(rates.perSecond('read'), null, 'it fell')
  rates.add('live-2', 17_000, { read: 9_000 })
  t.equal(rates.perSecond('read'), null, 'another feed')
})
