import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import t from 'tap'
import { createInsightReader } from '../../lib/insights/insight-reader.ts'
import { utcStart } from '../../lib/rules/utc-start.ts'
import { startPipeline } from '../support/pipeline.ts'
import { readRawLayer } from '../support/raw-layer.ts'
import { waitFor } from '../support/wait-for.ts'

const SAMPLE = fileURLToPath(new URL('../../../shared/data/us-accidents-march23-sample.csv', import.meta.url))
const ROWS = 18_812
/** So many rows have the second and the place, to 4 decimals, of an earlier one. */
const REPEATED_ROWS = 37
const ROWS_PER_SECOND = 600
/** Accidents that the consumer still holds one by one. */
const COMPARED = 1_500

t.test(
  'a real row is lost, refused or rejected between the CSV and the page',
  { timeout: 300_000, skip: existsSync(SAMPLE) ? false : 'the real rows are not on this machine' },
  async (t) => {
    const roadpulse = await startPipeline(t, SAMPLE, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    const feed = await roadpulse.settled({ deadlineMs: 200_000 })
    t.equal(feed.read, ROWS)
    t.equal(feed.refused, 0)
    t.equal(feed.rejected, 0)
    t.equal(feed.late, 0)
    t.equal(feed.repeated, REPEATED_ROWS)
    t.equal(feed.unique, ROWS - REPEATED_ROWS)
    t.equal(feed.windowed, feed.onTime)
    t.equal(feed.received.accident, feed.unique)
    t.strictSame(new Set(Object.values(feed.differences)), new Set([0]))

    const raw = await waitFor(
      'the raw layer holds every record that was emitted',
      async () => {
        const layer = await readRawLayer(roadpulse.stack.addresses.aws, roadpulse.data.RawBucketName)
        return new Set(layer.events.map((event) => event.seq)).size === ROWS && layer
      },
      { deadlineMs: 30_000, intervalMs: 1_000 },
    )
    t.ok(raw.events.length >= ROWS, `${raw.events.length - ROWS} delivered twice`)

    const redis = new Redis(roadpulse.stack.addresses.redis)
    t.teardown(() => redis.disconnect())
    const rawBySeq = new Map(raw.events.map((event) => [event.seq, event]))
    const accidents = await createInsightReader(redis).readAccidents(feed.feed, { limit: COMPARED })
    t.equal(accidents.length, COMPARED)
    const otherwise = accidents.filter(({ seq, start_time_utc: byFlink }) => {
      const byFilters = utcStart(rawBySeq.get(seq) ?? {})
      return byFilters !== (byFlink === undefined ? undefined : Date.parse(byFlink))
    })
    t.same(otherwise, [], 'a filter takes another moment for the start than Flink')
  },
)
