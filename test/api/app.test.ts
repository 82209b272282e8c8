import t from 'tap'
import { createMetrics } from '../../lib/process/metrics.ts'
import { buildFakeApp } from '../support/fake-app.ts'

t.test('no answer may run or load anything from elsewhere', async (t) => {
  const app = await buildFakeApp(t)
  for (const url of ['/', '/fleet', '/nope', '/docs/']) {
    const { headers } = await app.inject(url)
    const policy = String(headers['content-security-policy'])
    t.match(policy, /default-src 'none'/, url)
    t.match(policy, /frame-ancestors 'none'/, url)
    t.notMatch(policy, /unsafe|https?:|\*/, url)
    t.equal(headers['x-content-type-options'], 'nosniff', url)
  }
})

t.test('the OpenAPI document describes every path with every status that it answers with', async (t) => {
  const app = await buildFakeApp(t)
  const document = (await app.inject('/docs/json')).json()
  t.equal(document.openapi, '3.1.0')
  const statuses = Object.fromEntries(
    Object.entries<{ get: { responses: object } }>(document.paths).map(([path, { get }]) => [
      path,
      Object.keys(get.responses),
    ]),
  )
  t.same(statuses, {
    '/health/live': ['200'],
    '/health/ready': ['200', '503'],
    '/fleet': ['200', '503'],
    '/pipeline': ['200', '503'],
    '/insights/severity': ['200', '400', '404', '503'],
    '/insights/hotspots': ['200', '400', '404', '503'],
    '/insights/cities': ['200', '400', '404', '503'],
    '/insights/surges': ['200', '400', '404', '503'],
    '/insights/accidents': ['200', '400', '404', '503'],
    '/insights/rejected': ['200', '400', '404', '503'],
    '/events': ['200', '503'],
  })
  const unavailable = document.paths['/fleet'].get.responses['503']
  t.ok(unavailable.content['application/problem+json'], 'errors have their own media type')
})

t.test('the reader of the OpenAPI document needs no network', async (t) => {
  const app = await buildFakeApp(t)
  const page = await app.inject('/docs/')
  t.equal(page.statusCode, 200)
  t.notMatch(page.body, /https?:\/\//)
})

t.test('requests are measured by the template of their route', async (t) => {
  const metrics = createMetrics('api', '0')
  const app = await buildFakeApp(t, { metrics })
  await app.inject('/fleet?x=1')
  await app.inject('/secret/path')
  const text = await metrics.render()
  t.match(text, /http_request_duration_seconds_count\{method="GET",route="\/fleet",status_code="200"\} 1/)
  t.match(text, /route="none",status_code="404"/)
  t.notMatch(text, /secret/)
})
