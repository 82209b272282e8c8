import type { AddressInfo } from 'node:net'
import t from 'tap'
import { API_TOKENS } from '../support/access.ts'
import { startBrowser } from '../support/browser.ts'
import { buildFakeApp } from '../support/fake-app.ts'

t.test('the reader of the OpenAPI document is blank under the policy, or asks somebody else', async (t) => {
  const browser = await startBrowser(t)
  if (browser === undefined) return
  const app = await buildFakeApp(t, { tokens: API_TOKENS })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage()
  const faults: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address))
      foreign.push(request.url())
  })
  await page.goto(`${address}/docs`)
  await page.getByRole('heading', { name: 'Roadpulse' }).waitFor()
  await page.getByText('Replay a CSV or a part of the raw layer beside the live feed').click()
  await page.getByText('too many requests from this address').first().waitFor()
  t.same(faults, [])
  t.same(foreign, [])
})
