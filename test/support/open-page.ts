import type { Browser, Page } from 'playwright-core'

export type OpenPage = {
  page: Page
  /** Errors on its console, and exceptions. */
  faults: string[]
  /** Addresses of all that it asked for. */
  requests: string[]
  close: () => Promise<void>
}

/** The operations page in a window of its own. */
export async function openPage(
  browser: Browser,
  address: string,
  {
    width = 1_440,
    height = 900,
    colorScheme = 'light',
  }: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US' })
  const page = await context.newPage()
  const faults: string[] = []
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(address)
  return { page, faults, requests, close: () => context.close() }
}
