import { pino } from 'pino'
import t from 'tap'
import type { Feed } from '../../../lib/feeds/feed.ts'
import { createPutBatcher, type PutResult } from '../../../lib/kinesis/put-batcher.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createProducerReport } from '../../../workers/producer/producer-report.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const feed = (name: string) => ({ name }) as Feed
const THROTTLED = 'ProvisionedThroughputExceededException'
const added = { read: 3, refused: 1, filtered: 0, emitted: 2, recovered: 0 }
const run = (bytes: number, records: number, lagMs: number) => ({
  inFlightBytes: () => bytes,
  inFlightRecords: () => records,
  lagMs: () => lagMs,
})

function setUp() {
  const metrics = createMetrics('test', '0')
  const report = createProducerReport({
    metrics,
    slots: { live: 1, replay: 2 },
    maxInFlightBytes: 1_000,
    log: pino({ level: 'silent' }),
    clock: createSimulatedClock(),
  })
  const shows = async (line: string) => t.match(await metrics.render(), `\n${line}\n`)
  return { ...report, shows }
}

t.test('of two ranges only the last one is seen, or one that has ended still is', async () => {
  const { ofRun, shows } = setUp()
  ofRun.onRun(feed('live-1'), run(100, 1, 0))
  const end = ofRun.onRun(feed('replay-a'), run(200, 3, 500))
  ofRun.onRun(feed('replay-b'), run(50, 2, 1_500))
  await shows('producer_buffered_bytes 350')
  await shows('producer_buffered_records 6')
  await shows('producer_buffer_limit_bytes 3000')
  await shows('producer_ranges_running{feed_kind="replay"} 2')
  await shows('producer_range_slots{feed_kind="replay"} 2')
  await shows('producer_pace_lag_seconds{feed_kind="replay"} 1.5')
  end()
  await shows('producer_buffered_bytes 150')
  await shows('producer_buffer_limit_bytes 2000')
  await shows('producer_ranges_running{feed_kind="replay"} 1')
})

t.test('rows of replays are taken for live ones, or each feed makes series of its own', async () => {
  const { ofRun, ended, shows } = setUp()
  ofRun.onCommit(feed('live-1'), added)
  ofRun.onCommit(feed('live-2'), added)
  ofRun.onCommit(feed('recovery-x'), added)
  await shows('producer_rows_total{feed_kind="live",result="emitted"} 4')
  await shows('producer_rows_total{feed_kind="replay",result="refused"} 1')
  ended('replay-a', 'cancelled')
  ended('replay-b', 'running')
  await shows('producer_feeds_ended_total{feed_kind="replay",state="cancelled"} 1')
})

t.test(
  "a Kinesis that throttles, fails by halves or is away does not show in the worker's report",
  async (t) => {
    const report = setUp()
    t.equal(report.ofHeartbeat().lastError, undefined)
    const troubles: [took: PutResult[] | Error, says: string][] = [
      [[undefined, THROTTLED, THROTTLED], `records refused: ${THROTTLED}`],
      [[undefined, 'InternalFailure', undefined], 'records refused: InternalFailure'],
      [new Error('connect ECONNREFUSED'), 'connect ECONNREFUSED'],
    ]
    for (const [took, says] of troubles) {
      const clock = createSimulatedClock()
      let calls = 0
      const batcher = createPutBatcher({
        async put(records) {
          if (++calls > 1) return records.map(() => undefined)
          if (took instanceof Error) throw took
          return took
        },
        isTransient: () => true,
        maxInFlightBytes: 1_000,
        clock,
        onCall: (call) => report.ofRun.onCall('raw', call),
      })
      for (const partitionKey of ['a', 'b', 'c']) void batcher.add({ partitionKey, data: Buffer.from('x') })
      await batcher.send()
      t.equal(report.ofHeartbeat().lastError?.message, `records were not taken: ${says}`)
      t.type(report.ofHeartbeat().lastError?.at, 'number')
    }
    await report.shows('producer_put_records_total{stream="raw",result="accepted"} 9')
    await report.shows('producer_put_records_total{stream="raw",result="throttled"} 2')
    await report.shows('producer_put_records_total{stream="raw",result="refused"} 4')
  },
)

t.test('throttled records are taken for refused ones, or both streams for one', async () => {
  const { ofRun, replaysWait, shows } = setUp()
  ofRun.onCall('raw', { durationMs: 20, accepted: 5, throttled: 2, refused: 1 })
  ofRun.onCall('processed', { durationMs: 20, accepted: 1, throttled: 0, refused: 0 })
  await shows('producer_put_records_total{stream="raw",result="accepted"} 5')
  await shows('producer_put_records_total{stream="raw",result="throttled"} 2')
  await shows('producer_put_records_total{stream="raw",result="refused"} 1')
  await shows('producer_put_duration_seconds_count{stream="processed"} 1')
  replaysWait(1_500)
  await shows('producer_replay_wait_seconds_total 1.5')
})
