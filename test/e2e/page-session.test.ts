import type { Page } from 'playwright-core'
import t from 'tap'
import { API_TOKENS, OPERATE_TOKEN, READ_TOKEN } from '../support/access.ts'
import { startBrowser } from '../support/browser.ts'
import { findBarriers } from '../support/find-barriers.ts'
import { openPage } from '../support/open-page.ts'
import { serveApp } from '../support/served-app.ts'

const DEADLINE_MS = 10_000
/** So many tries a minute are answered. */
const SIGN_INS = 10

const browser = await startBrowser(t)
if (browser !== undefined) {
  await t.test('data is shown without a token, or nobody is told why they cannot come in', async (t) => {
    const api = await serveApp(t, API_TOKENS)
    const { page, close } = await openPage(browser, api.address)
    await page.waitForSelector('#sign-in', { timeout: DEADLINE_MS })
    t.equal(await page.isVisible('#main'), false)
    t.equal(await page.textContent('#accidents-total'), '–')
    t.equal(await page.evaluate('document.activeElement.id'), 'token')
    t.same(await findBarriers(page), [])
    await signIn(page, 'wrong')
    await page.waitForSelector('#sign-in-notice:has-text("does not know this token")', {
      timeout: DEADLINE_MS,
    })
    for (let tried = 1; tried < SIGN_INS; tried++) {
      const headers = { 'content-type': 'application/json' }
      await fetch(`${api.address}/session`, { method: 'POST', headers, body: '{"token":"wrong"}' })
    }
    await signIn(page, 'wrong')
    await page.waitForSelector('#sign-in-notice:has-text("too often. Try again in")', {
      timeout: DEADLINE_MS,
    })
    t.same(await findBarriers(page), [], 'with the refusal')
    await close()
  })

  await t.test('who may operate cannot, or what was shown stays after signing out', async (t) => {
    const api = await serveApp(t, API_TOKENS)
    const { page, close } = await openPage(browser, api.address)
    await signIn(page, ` ${OPERATE_TOKEN} `)
    await showsAccident(page, 1)
    t.match(await page.textContent('#session-role'), /^Signed in to operate until \d\d:\d\d$/)
    api.publish()
    await showsAccident(page, 2)
    t.equal(await page.isVisible('#replay-new'), true)
    t.equal(await page.isVisible('#replays-note'), false)
    t.equal(await page.inputValue('#token'), '', 'the token is not kept')

    api.expire()
    await page.waitForSelector('#sign-in', { timeout: DEADLINE_MS })
    t.equal(await page.isVisible('#main'), false, 'when the session is over')
    await signIn(page, OPERATE_TOKEN)
    await showsAccident(page, 2)
    api.publish()
    await showsAccident(page, 3)

    await page.click('#sign-out')
    await page.waitForSelector('#sign-in', { timeout: DEADLINE_MS })
    t.equal(await page.locator('#accidents-rows tr').count(), 0, 'nothing is left in the document')
    await close()
  })

  await t.test('who may only read is offered what the api would refuse, and not told why', async (t) => {
    const api = await serveApp(t, API_TOKENS)
    const { page, close } = await openPage(browser, api.address)
    await signIn(page, READ_TOKEN)
    await showsAccident(page, 1)
    t.equal(await page.isVisible('#replay-new'), false)
    t.equal(await page.isVisible('#letters-recover'), false)
    t.match(await page.textContent('#replays-note'), 'You are signed in to read')
    t.equal(await page.isVisible('#replays-note'), true)
    t.equal(await page.isVisible('#letters-note'), true)
    t.same(await findBarriers(page), [])
    await close()
  })
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.fill('#token', token)
  await page.click('#sign-in-form button')
}

/** The fake accidents are one row each. */
async function showsAccident(page: Page, count: number): Promise<void> {
  await page.waitForSelector(`#accidents-rows tr:nth-child(${count})`, { timeout: DEADLINE_MS })
}
