import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Pipeline } from '../../api/pipeline/pipeline.ts'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { createInsightReader } from '../../lib/insights/insight-reader.ts'
import { startPipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const GENERATED = { seed: 6, rows: 4_000, rate: 50 }
const ROWS_PER_SECOND = 200
const DEADLINE_MS = 120_000

t.test(
  'a Redis that is emptied in the middle of a feed leaves insights empty, counts them anew in silence, or stops the feed',
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv(GENERATED)), createWriteStream(csv))
    const roadpulse = await startPipeline(t, csv, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    const feed = await waitFor(
      'a quarter is received',
      async () => {
        const feed = await roadpulse.feed()
        return feed !== undefined && feed.received.accident > GENERATED.rows / 4 && feed
      },
      { deadlineMs: DEADLINE_MS },
    )
    const redis = new Redis(roadpulse.stack.addresses.redis)
    t.teardown(() => redis.disconnect())
    await redis.flushall()
    const emptiedAt = Date.now()
    let seen: Pipeline | undefined
    await waitFor(
      'the pipeline says that it is rebuilt',
      async () => {
        seen = await roadpulse.get<Pipeline>('/pipeline').catch(() => undefined)
        return seen?.rebuiltSince != null && Date.parse(seen.rebuiltSince) >= emptiedAt
      },
      { deadlineMs: DEADLINE_MS, describe: () => JSON.stringify(seen) },
    )
    const rebuilt = createInsightReader(redis)
    let received = 0
    await waitFor(
      'what the stream holds is received again',
      async () => {
        received = (await rebuilt.readReceived(feed.feed)).accident
        return received >= feed.received.accident
      },
      { deadlineMs: DEADLINE_MS, describe: () => ({ received, before: feed.received.accident }) },
    )
    // Nothing knows the feed's position any more: the source is replayed from its start, as another feed.
    const next = await roadpulse.settled({ deadlineMs: DEADLINE_MS })
    t.not(next.feed, feed.feed)
    t.equal(next.read, GENERATED.rows)
    t.equal(next.resent, 0, 'no row is taken for one of the feed before')
  },
)
