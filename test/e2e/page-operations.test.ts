import type { Page } from 'playwright-core'
import t from 'tap'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { API_TOKENS, OPERATE_TOKEN, READ_TOKEN } from '../support/access.ts'
import { startApiProcess } from '../support/api-process.ts'
import { startBrowser } from '../support/browser.ts'
import { findBarriers } from '../support/find-barriers.ts'
import { openPage } from '../support/open-page.ts'
import { emittableRows, generate, startProducerServers } from '../support/producers.ts'
import { waitFor } from '../support/wait-for.ts'

const FILE = { seed: 3, rows: 6_000, rate: 50 }
const DEADLINE_MS = 20_000
/** What would run if the page took a name for markup. */
const NAME = '<img src=x onerror="document.title=1">'

const browser = await startBrowser(t)
if (browser !== undefined) {
  const servers = await startProducerServers(t)
  const csv = await generate(FILE)
  await servers.putSource('a.csv', csv)

  await t.test('a replay is started twice, not steered, or not shown as it is', async (t) => {
    const { start, apiOptions } = await servers.prepare(t, 'page-replays')
    const api = await startApiProcess(t, apiOptions)
    start({ REPLAY_SHARE: '1' })
    const { page, faults, close } = await openPage(browser, api.address)

    await page.click('#replay-new')
    await page.fill('#r-name', NAME)
    await page.fill('#r-uri', 's3://source/a.csv')
    await page.fill('#r-rows-per-second', '100')
    await page.waitForSelector('#r-estimate:has-text("Estimated duration: about ")', {
      timeout: DEADLINE_MS,
    })
    await page.check('#r-pace-speed')
    await page.waitForSelector('#r-estimate:has-text("not known yet; when its accidents happened is")', {
      timeout: DEADLINE_MS,
    })
    t.same(await findBarriers(page), [], 'with the estimate')
    await page.check('#r-pace-rate')
    await page.fill('#r-uri', 's3://source/none.csv')
    await page.waitForSelector('#r-estimate:has-text("not known; there is no s3://source/none.csv")', {
      timeout: DEADLINE_MS,
    })
    await page.click('#r-filter summary')
    await page.fill('#r-states', 'Texas')
    await page.click('#replay-start')
    await page.waitForSelector('#r-states-fault', { timeout: DEADLINE_MS })
    t.equal(await page.getAttribute('#r-states', 'aria-invalid'), 'true')
    t.equal(await page.evaluate('document.activeElement.id'), 'r-states', 'the focus is where the fault is')
    t.same(await findBarriers(page), [], 'with faults')
    await page.fill('#r-states', '')
    await page.click('#replay-start')
    await page.waitForSelector('#replay-form-notice:has-text("there is no s3://source/none.csv")')

    const row = page.locator('#replays-rows tr', { hasText: NAME })
    await page.fill('#r-uri', 's3://source/a.csv')
    await page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('#replay-start').click()")
    await page.waitForSelector('#replay-dialog', { state: 'hidden', timeout: DEADLINE_MS })
    t.match(await page.textContent('#replays-notice'), `${NAME} has been started.`)
    const { items } = (await api.ask('GET', '/replays')).body
    t.match(items, [{ name: NAME }])
    t.equal((items as unknown[]).length, 1, 'one, although it was sent three times')
    await shows(page, NAME, /running.*[1-9]\d* sent.*about/)

    await row.getByRole('button', { name: 'Pause' }).click()
    await shows(page, NAME, /paused/)
    t.match(await page.textContent('#replays-notice'), 'is paused; its position is kept.')
    t.match(await page.evaluate('document.activeElement.dataset.action'), /pause|resume/, 'the focus stays')
    await row.getByRole('button', { name: 'Resume' }).click()
    await shows(page, NAME, /running/)

    await row.getByRole('button', { name: 'Change pace' }).click()
    t.equal(await page.inputValue('#p-rows-per-second'), '100')
    await page.check('#p-speed')
    await page.click('#pace-form button.primary')
    await page.waitForSelector('#pace-notice:has-text("cannot go from rate to speed")', {
      timeout: DEADLINE_MS,
    })
    await page.check('#p-max')
    await page.click('#pace-form button.primary')
    await shows(
      page,
      NAME,
      new RegExp(`finished100%.*${emittableRows(FILE).length.toLocaleString('en-US')} sent`),
    )

    await page.click('#replay-new')
    await page.fill('#r-name', 'not wanted')
    await page.check('#r-pace-rate')
    await page.fill('#r-rows-per-second', '1')
    await page.click('#replay-start')
    await shows(page, 'not wanted', /running/)
    const unwanted = page.locator('#replays-rows tr', { hasText: 'not wanted' })
    await unwanted.getByRole('button', { name: 'Cancel' }).click()
    await page.click('#confirm-no')
    await shows(page, 'not wanted', /running/)
    await unwanted.getByRole('button', { name: 'Cancel' }).click()
    t.match(await page.textContent('#confirm-title'), 'Cancel not wanted?')
    await page.click('#confirm-yes')
    await shows(page, 'not wanted', /cancelled/)

    await page.reload()
    await page.click('#replays-older')
    await shows(page, NAME, /finished/)
    t.equal(await page.locator('#replays-rows tr').count(), 2, 'each once')
    t.match(await page.title(), /Roadpulse$/, 'a name is not run')
    t.same(
      faults.filter((fault) => !/status of 4\d\d/.test(fault)),
      [],
      'apart from what was refused',
    )
    await close()
  })

  await t.test('a dead letter has no way back from the page, or one that it should not have', async (t) => {
    const { start, apiOptions, readEvents } = await servers.prepare(t, 'page-letters')
    start({ LIVE_SOURCE: 's3://source/a.csv' })
    await servers.waitForState('live-1', 'finished')
    const api = await startApiProcess(t, apiOptions)
    const { page, close } = await openPage(browser, api.address)
    const planted = plantedIn(FILE)

    await page.locator('#dead-letters').scrollIntoViewIfNeeded()
    await page.waitForSelector('#letters-rows [data-look]', { timeout: DEADLINE_MS })
    t.match(await page.textContent('#letters-as-of'), /^as of \d\d:\d\d:\d\d$/)
    await page.selectOption('#letters-origin', 'oversize')
    await showsOnly(page, 'too large', planted.oversize.length)
    t.equal(await page.locator('#letters-rows input').count(), 0, 'none can be chosen')
    await page.locator('[data-look]').first().click()
    t.match(await page.textContent('#letter-help'), /can only be looked at/)
    t.equal(await page.isVisible('#letter-recover'), false)
    t.equal(await page.getAttribute('#letter-text', 'readonly'), '')
    await page.keyboard.press('Escape')

    await page.selectOption('#letters-origin', 'row')
    await showsOnly(page, 'could not be read', planted.unreadable.length)
    const first = page.locator('#letters-rows tr').first()
    const key = await first.getAttribute('data-key')
    await first.getByRole('button').click()
    t.same(await findBarriers(page), [], 'with the letter')
    const { seq } = (await api.ask('GET', `/dead-letters/${key}`)).body as { seq: number }
    await page.fill('#letter-text', csv.toString('latin1').split('\n')[1] ?? '')
    await page.click('#letter-recover')
    await page.waitForSelector('#letters-notice:has-text("1 on the way back as recovery-")', {
      timeout: DEADLINE_MS,
    })
    t.match(await page.textContent('#replays-rows'), /recovery-\w+dead letters/)
    await waitFor(
      'it is fed in',
      async () => (await readEvents('live-1')).some((event) => event.attempt === 2),
      {
        deadlineMs: DEADLINE_MS,
      },
    )
    const back = (await readEvents('live-1')).filter(({ attempt }) => attempt === 2)
    t.same(
      back.map((event) => event.seq),
      [seq],
      'under its row',
    )
    await waitFor(
      'it is marked as done',
      async () => {
        await page.click('#letters-again')
        return (await countOf(page, 'done')) === 1
      },
      { deadlineMs: DEADLINE_MS, intervalMs: 500 },
    )

    const choices = page.locator('#letters-rows input')
    t.equal(await choices.count(), planted.unreadable.length - 1, 'what is done cannot be chosen')
    await choices.nth(0).check()
    await choices.nth(1).check()
    t.equal(await page.textContent('#letters-recover'), 'Feed 2 in again')
    await page.click('#letters-recover')
    await page.click('#confirm-no')
    t.equal(await page.textContent('#letters-recover'), 'Feed 2 in again', 'still chosen')
    await page.click('#letters-recover')
    await page.click('#confirm-yes')
    await page.waitForSelector('#letters-notice:has-text("2 on the way back as recovery-")', {
      timeout: DEADLINE_MS,
    })
    await close()
  })

  await t.test('with tokens nobody can operate from the page, or who may only read can', async (t) => {
    const { start, apiOptions } = await servers.prepare(t, 'page-tokens')
    const api = await startApiProcess(t, { ...apiOptions, API_TOKENS })
    start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '50', REPLAY_SHARE: '1' })
    const { page, close } = await openPage(browser, api.address)
    await signIn(page, OPERATE_TOKEN)
    const sent = async () => /([\d,]+) sent/.exec((await rowOf(page, 'live-1').textContent()) ?? '')?.[1]
    const first = await waitFor('live rows are shown', sent, { deadlineMs: DEADLINE_MS })
    await waitFor('they rise', async () => (await sent()) !== first, { deadlineMs: DEADLINE_MS })
    await page.click('#replay-new')
    await page.fill('#r-name', 'by alice')
    await page.fill('#r-uri', 's3://source/a.csv')
    await page.check('#r-pace-max')
    await page.click('#replay-start')
    await shows(page, 'by alice', /finished100%/)
    await page.click('#sign-out')
    await page.waitForSelector('#sign-in', { timeout: DEADLINE_MS })
    t.equal(await statusOf(page, '/replays'), 401, 'the session is over')

    await signIn(page, READ_TOKEN)
    await shows(page, 'by alice', /finished/)
    t.equal(await page.isVisible('#replay-new'), false)
    t.equal(await statusOf(page, '/replays', 'POST'), 403, 'whatever the page shows')
    await close()
  })
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.waitForSelector('#sign-in', { timeout: DEADLINE_MS })
  await page.fill('#token', token)
  await page.click('#sign-in-form button')
}

/** Asks as the page does, with its cookie. */
async function statusOf(page: Page, path: string, method = 'GET'): Promise<number> {
  return page.evaluate(`fetch('${path}', { method: '${method}' }).then(({ status }) => status)`)
}

function rowOf(page: Page, name: string) {
  return page.locator('#replays-rows tr', { hasText: name })
}

async function shows(page: Page, name: string, words: RegExp): Promise<void> {
  let seen: string | null = null
  await waitFor(
    `${name} shows ${words}`,
    async () => {
      seen = await rowOf(page, name).textContent()
      return words.test(seen ?? '')
    },
    { deadlineMs: DEADLINE_MS, describe: () => seen },
  )
}

async function showsOnly(page: Page, words: string, count: number): Promise<void> {
  const isSo = async () =>
    (await countOf(page, words)) === count && (await page.locator('#letters-rows tr').count()) === count
  await waitFor(`only ${count} letters: ${words}`, isSo, { deadlineMs: DEADLINE_MS })
}

function countOf(page: Page, words: string): Promise<number> {
  return page.locator('#letters-rows tr', { hasText: words }).count()
}
