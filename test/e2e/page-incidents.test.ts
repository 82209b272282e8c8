import t from 'tap'
import type { Incident, Publication } from '../../api/watchdog/incident.ts'
import { startBrowser } from '../support/browser.ts'
import { findBarriers } from '../support/find-barriers.ts'
import { openPage } from '../support/open-page.ts'
import { serveApp } from '../support/served-app.ts'

const DEADLINE_MS = 10_000
const OK = { state: 'ok' as const, since: null, detail: null }

const sent = (event: Publication['event'], changes: Partial<Publication> = {}): Publication => ({
  event,
  dedupId: `down.consumer.1/${event}`,
  state: 'published',
  at: '2026-11-23T12:00:04.000Z',
  messageId: 'm-1',
  attempts: 1,
  error: null,
  ...changes,
})

const DOWN: Incident = {
  id: 'down.consumer.1',
  kind: 'down',
  service: 'consumer',
  severity: 'critical',
  state: 'open',
  openedAt: '2026-11-23T12:00:00.000Z',
  closedAt: null,
  summary: 'The consumer c-1 is down since 12:00:00 <b>',
  workers: ['c-1'],
  details: { wanted: 2, healthy: 1 },
  runbook: '/docs/runbook#down',
  suppressedBy: null,
  publications: [sent('opened')],
}
const CLOSED: Incident = {
  ...DOWN,
  state: 'closed',
  closedAt: '2026-11-23T12:05:00.000Z',
  publications: [sent('opened'), sent('closed')],
}

const browser = await startBrowser(t)
if (browser !== undefined) {
  await t.test('what the watchdog finds, and whom it told, is not shown, or stays', async (t) => {
    const api = await serveApp(t)
    const { page, faults, close } = await openPage(browser, api.address, { colorScheme: 'dark' })
    await page.waitForSelector('#status:has-text("No producer is running")', { timeout: DEADLINE_MS })
    t.match(await page.textContent('#incidents-rows'), 'nothing has gone wrong')

    api.publish({ open: [DOWN], recent: [], telling: OK })
    await page.waitForSelector('#health[data-level="bad"]', { timeout: DEADLINE_MS })
    t.equal(await page.textContent('#status'), `${DOWN.summary}.`, 'in its own words, as text')
    t.match(await page.title(), /^\(!\) The consumer c-1 is down/)
    t.equal(await page.textContent('#incidents-count'), '1 open')
    const row = page.locator('#incidents-rows tr')
    t.match(
      await row.textContent(),
      /^criticalDown · consumer.*About c-1 · wanted 2 · healthy 1.*opened: sent \d\d:00:04$/,
    )
    t.equal(await row.locator('a').getAttribute('href'), '/docs/runbook#down')
    t.equal(await page.isVisible('#telling'), false)
    t.same(await findBarriers(page), [])

    const waits = sent('opened', { state: 'failed', attempts: 3, error: 'ECONNREFUSED', messageId: null })
    api.publish({
      open: [{ ...DOWN, publications: [waits], runbook: 'javascript:alert(1)' }],
      recent: [],
      telling: { state: 'failing', since: '2026-11-23T12:00:05.000Z', detail: 'ECONNREFUSED' },
    })
    await page.waitForSelector('#telling[data-level="bad"]', { timeout: DEADLINE_MS })
    t.match(await page.textContent('#telling'), /^People are not being told since .*ECONNREFUSED/)
    t.match(await row.textContent(), 'opened: could not be sent after 3 attempts: ECONNREFUSED')
    t.equal(await row.locator('a').count(), 0, 'no link but a web one')
    t.same(await findBarriers(page), [])

    api.older.push({ ...CLOSED, id: 'old' })
    api.publish({ open: [], recent: [CLOSED], telling: { state: 'off', since: null, detail: null } })
    await page.waitForSelector('#incidents-count:has-text("none open")', { timeout: DEADLINE_MS })
    t.match(await row.textContent(), /^over.*for 5 min 0 s.*closed: sent/)
    t.match(await page.textContent('#telling'), 'no topic is configured')
    t.match(await page.textContent('#status'), 'No producer is running', 'what the page sees itself')
    await page.click('#incidents-older')
    await page.waitForSelector('#incidents-rows tr[data-key="old"]', { timeout: DEADLINE_MS })
    t.equal(await page.isVisible('#incidents-older'), false, 'there are no more')
    t.same(faults, [])
    await close()
  })
}
