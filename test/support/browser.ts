import { type Browser, chromium as playwright } from 'playwright-core'
import type { Test } from 'tap'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * A Chromium of the test's own: the one at CHROMIUM_PATH, else the binary that `@sparticuz/chromium` carries for Linux
 * on x64. Where there is neither, the test is skipped and says so; with CI set it fails.
 */
export async function startBrowser(t: Test): Promise<Browser | undefined> {
  const browser = await launchBrowser()
  if (browser === undefined) {
    const message = `no Chromium for ${process.platform} ${process.arch}: set CHROMIUM_PATH to one`
    if (process.env.CI !== undefined) throw new Error(message)
    t.plan(0, message)
    return undefined
  }
  t.teardown(() => browser.close())
  return browser
}

/** Undefined where there is no Chromium. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const program = await findChromium()
  return program === undefined ? undefined : playwright.launch({ executablePath: program, args: ARGUMENTS })
}

async function findChromium(): Promise<string | undefined> {
  if (process.env.CHROMIUM_PATH !== undefined) return process.env.CHROMIUM_PATH
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const { default: chromium } = await import('@sparticuz/chromium')
  return chromium.executablePath()
}
