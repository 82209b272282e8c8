import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import t from 'tap'
import { systemClock } from '../../lib/clock.ts'
import { startBrowser } from '../support/browser.ts'
import { startProcess } from '../support/processes.ts'
import { freePort, startRedis } from '../support/servers.ts'
import { SimulatedPipeline } from '../support/simulated-pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const ROWS_PER_PASS = 20
const PASS_EVERY_MS = 500
const READY_DEADLINE_MS = 30_000
/** The page says that it is stale after five seconds, and the browser tries again every two. */
const RECONNECT_DEADLINE_MS = 20_000

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

  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const startApi = async () => {
    const api = startProcess(t, 'api/main.ts', {
      HTTP_PORT: String(port),
      REDIS_URL: redisUrl,
      PROCESSED_STREAM: 'processed',
      RAW_BUCKET: 'raw',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    })
    await waitFor('the api answers', async () => (await fetch(`${address}/health/live`)).ok, {
      deadlineMs: READY_DEADLINE_MS,
    })
    return api
  }
  const api = await startApi()

  const open = async (width: number, height: number, colorScheme: 'light' | 'dark') => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US' })
    const page = await context.newPage()
    const faults: string[] = []
    const requests: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(address)
    await waitFor('accidents on the page', async () => (await numberAt(page, '#accidents-total')) > 0, {
      deadlineMs: READY_DEADLINE_MS,
    })
    return { page, faults, requests, close: () => context.close() }
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

  await t.test('has nothing to scroll sideways at 375 px, and no fault in the dark', async (t) => {
    const { page, faults, close } = await open(375, 812, 'dark')
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 375)
    t.same(faults, [])
    await close()
  })

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
    t.match(await page.textContent('#status'), /live-\d+ is over and settled/)
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
