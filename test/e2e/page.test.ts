import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { startBrowser } from '../support/browser.ts'
import { findBarriers } from '../support/find-barriers.ts'
import { openPage } from '../support/open-page.ts'
import { startProcess } from '../support/processes.ts'
import { freePort, STAND_IN_CREDENTIALS, startMinistack, startRedis } from '../support/servers.ts'
import { SimulatedPipeline } from '../support/simulated-pipeline.ts'
import { createStream } from '../support/streams.ts'
import { waitFor } from '../support/wait-for.ts'

const ROWS_PER_PASS = 20
const PASS_EVERY_MS = 500
const READY_DEADLINE_MS = 30_000
/** The page says that it is stale after five seconds, and the browser tries again every two. */
const RECONNECT_DEADLINE_MS = 20_000
/** It is over when the api has been healthy for ten seconds. */
const INCIDENT_DEADLINE_MS = 30_000

const STAGES = [
  'Source',
  'Producer',
  'Stream 1',
  'Flink',
  'Stream 2',
  'Consumer',
  'Insights',
  'Firehose',
  'Raw layer',
]

t.test('the page in a real browser', async (t) => {
  const browser = await startBrowser(t)
  if (browser === undefined) return
  const { url: redisUrl } = await startRedis(t)
  const redis = new Redis(redisUrl)
  const pipeline = new SimulatedPipeline(redis)
  await pipeline.begin()
  await pipeline.startWorkers()
  await pipeline.pass(1_000, Date.now() - 180_000)
  const stopPassing = keepPassing(pipeline)
  t.teardown(async () => {
    await stopPassing()
    await pipeline.stop()
    redis.disconnect()
  })

  const aws = await startAws(t)
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const startApi = async () => {
    const api = startProcess(t, 'api/main.ts', {
      HTTP_PORT: String(port),
      REDIS_URL: redisUrl,
      ...aws,
    })
    await waitFor('the api answers', async () => (await fetch(`${address}/health/live`)).ok, {
      deadlineMs: READY_DEADLINE_MS,
    })
    return api
  }
  const api = await startApi()

  const open = async (width: number, height: number, colorScheme: 'light' | 'dark') => {
    const opened = await openPage(browser, address, { width, height, colorScheme })
    const { page } = opened
    await waitFor('accidents on the page', async () => (await numberAt(page, '#accidents-total')) > 0, {
      deadlineMs: READY_DEADLINE_MS,
    })
    return opened
  }

  await t.test('opens without a fault, shows every part, and its numbers rise', async (t) => {
    const { page, faults, requests, close } = await open(1_440, 900, 'light')
    const first = await numberAt(page, '#accidents-total')
    await waitFor('the number rises', async () => (await numberAt(page, '#accidents-total')) > first, {
      deadlineMs: 10_000,
    })
    t.match(await page.textContent('#feed-name'), /^live-\d+$/)
    t.match(await page.textContent('#status'), /^All is well/)
    t.equal(await page.locator('#map path').count(), 51)
    t.equal(await page.locator('#minutes canvas').count(), 1)
    t.ok((await page.locator('#states-rows tr').count()) > 10, 'states')
    t.equal(await page.locator('#map circle').count(), 20, 'hotspots')
    t.equal(await page.locator('#hotspots-rows tr').count(), 20)
    t.equal(await page.locator('#cities-rows tr').count(), 10)
    t.match(
      await page.textContent('#surges'),
      /^Surge since \d\d:\d\d in [A-Z]{2}: 12 accidents in 5 minutes, 1\.5 expected\.$/,
    )
    t.equal(await page.locator('#laws-rows tr').count(), 9)
    t.same(await page.locator('#stages h3').allTextContents(), STAGES)
    t.same(
      await page.locator('#stages li[data-level="bad"], #stages li[data-level="warn"]').allTextContents(),
      [],
    )
    t.match(await page.textContent('#replays-rows tr'), /^live-\d+live feed.*running.* read, /)
    t.equal(await page.locator('#shards-rows tr').count(), 4)
    t.same(await page.locator('#workers-rows b').allTextContents(), [
      'api',
      'consumer',
      'firehose',
      'producer',
    ])
    t.equal(await page.locator('#accidents-rows tr').count(), 40)
    t.ok((await page.locator('#rejected-rows tr').count()) > 0, 'rejected records')
    t.match(await page.textContent('#minutes-readout'), /\d+ accidents/)
    t.notMatch(await page.textContent('body'), /undefined|NaN|Invalid|\[object/)
    t.equal(await page.isVisible('#stale'), false)
    t.same(
      requests.filter((request) => !request.startsWith(`${address}/`)),
      [],
      'no request leaves this address',
    )
    t.same(faults, [])
    await close()
  })

  for (const width of [375, 768, 1_440, 2_560]) {
    await t.test(`has nothing to scroll sideways at ${width} px, and no fault in the dark`, async (t) => {
      const { page, faults, close } = await open(width, 812, 'dark')
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
      t.same(faults, [])
      await close()
    })
  }

  for (const scheme of ['light', 'dark'] as const) {
    await t.test(`cannot be read, or reached by keyboard, by somebody: ${scheme}`, async (t) => {
      const { page, close } = await open(1_440, 900, scheme)
      t.same(await findBarriers(page), [])
      await page.click('#replay-new')
      await page.click('#r-filter summary')
      t.same(await findBarriers(page), [], 'with the form of a replay')
      await page.keyboard.press('Escape')
      t.equal(await page.evaluate('document.activeElement.id'), 'replay-new', 'and the focus is back')
      await close()
    })
  }

  await t.test(
    'weighs more than 250 KB, or is first painted after half a second when it is warm',
    async (t) => {
      const { page, close } = await open(1_440, 900, 'dark')
      const bytes = await page.evaluate<number>(
        `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(({ name }) => !name.endsWith('/events'))
        .reduce((sum, { transferSize }) => sum + transferSize, 0)`,
      )
      t.ok(bytes > 50_000, `${bytes} bytes came over the wire`)
      t.ok(bytes < 250_000, `${bytes} bytes came over the wire`)
      await page.reload()
      const paintedMs = await waitFor(
        'the first paint',
        () =>
          page.evaluate<number | undefined>(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
          ),
        { deadlineMs: 10_000 },
      )
      t.ok(paintedMs < 500, `painted after ${paintedMs} ms`)
      await close()
    },
  )

  await t.test(
    'says that it is stale while the api is gone, and goes on by itself when it is back',
    async (t) => {
      const { page, close } = await open(1_024, 768, 'light')
      await page.evaluate("document.body.dataset.sameDocument = 'yes'")
      api.child.kill('SIGKILL')
      await api.ended
      await page.waitForSelector('#stale:visible', { timeout: RECONNECT_DEADLINE_MS })
      t.match(
        await page.textContent('#stale'),
        /^Stale for \d+(\.\d)? s\. What you see is from \d\d:\d\d:\d\d/,
      )
      const before = await numberAt(page, '#accidents-total')
      await startApi()
      await page.waitForSelector('#stale', { state: 'hidden', timeout: RECONNECT_DEADLINE_MS })
      await waitFor(
        'the number rises again',
        async () => (await numberAt(page, '#accidents-total')) > before,
        {
          deadlineMs: RECONNECT_DEADLINE_MS,
        },
      )
      t.equal(await page.getAttribute('body', 'data-same-document'), 'yes', 'without a reload')
      await close()
    },
  )

  await t.test('says that the feed is settled when everything of it has arrived', async (t) => {
    await stopPassing()
    const { page, close } = await open(1_024, 768, 'light')
    await pipeline.finish()
    await page.waitForSelector('#settled:has-text("settled: nothing lost")', { timeout: 10_000 })
    // That the api was killed above may still be an incident, and comes first.
    await page.waitForSelector('#status:text-matches("live-\\\\d+ is over and settled")', {
      timeout: INCIDENT_DEADLINE_MS,
    })
    t.same(await page.locator('#laws-rows td:nth-child(4)').allTextContents(), Array(9).fill('0'))
    t.equal(await numberAt(page, '#accidents-total'), pipeline.accidentsOnTime)
    await close()
  })
})

/** Rows flow until the function that it returns is called. */
function keepPassing(pipeline: SimulatedPipeline): () => Promise<void> {
  const stopping = new AbortController()
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pipeline.pass(ROWS_PER_PASS, Date.now())
      await systemClock.sleep(PASS_EVERY_MS, stopping.signal)
    }
  }
  const running = run()
  return () => {
    stopping.abort()
    return running
  }
}

async function numberAt(page: Page, selector: string): Promise<number> {
  return Number((await page.textContent(selector))?.replaceAll(',', ''))
}

/** What the api depends on: a page says what cannot be reached before it says anything else. */
async function startAws(t: Test): Promise<Record<string, string>> {
  const { endpoint } = await startMinistack(t)
  const address = { ...STAND_IN_CREDENTIALS, AWS_ENDPOINT_URL: endpoint }
  const s3 = createS3Client(address)
  const kinesis = createKinesisClient(address)
  const buckets = { RAW_BUCKET: 'raw', SOURCE_BUCKET: 'source', DEAD_LETTER_BUCKET: 'dead-letters' }
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }))
  await createStream(kinesis, 'processed', 1)
  s3.destroy()
  kinesis.destroy()
  return { PROCESSED_STREAM: 'processed', AWS_ENDPOINT_URL: endpoint, ...buckets }
}
