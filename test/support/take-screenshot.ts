/** Takes the README's picture of a running demo: `node test/support/take-screenshot.ts http://127.0.0.1:8080 FILE`. */
import { launchBrowser } from './browser.ts'

/** As wide as a common screen, as high as the page down to the pipeline. */
const VIEWPORT = { width: 1_440, height: 1_712 }
/** So that dots of several batches, and their rings, are on the map. */
const WATCH_MS = 5_000

const [address = 'http://127.0.0.1:8080', path = 'docs/operations-page.png'] = process.argv.slice(2)

const browser = await launchBrowser()
if (browser === undefined) throw new Error('no Chromium: set CHROMIUM_PATH to one')
const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'dark', locale: 'en-US' })
await page.goto(address)
await page.waitForSelector('#accidents-rows tr:nth-child(2)')
await page.waitForTimeout(WATCH_MS)
await page.screenshot({ path })
await browser.close()
