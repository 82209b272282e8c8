import t from 'tap'
import { createMetrics } from '../../lib/process/metrics/metrics.ts'
import { buildFakeApp } from '../support/fake-app.ts'

t.test('no answer may run or load anything from elsewhere', async (t) => {
  const app = await buildFakeApp(t)
  for (const url of ['/', '/fleet', '/nope', '/docs/']) {
    const { headers } = await app.inject(url)
    const policy = String(headers['content-security-policy'])
    t.match(policy, /default-src 'none'/, url)
    t.match(policy, /frame-ancestors 'none'/, url)
    t.notMatch(policy, /unsafe|https?:|\*/, url)
    t.match(
      headers,
      {
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      },
      url,
    )
    if (url === '/' || url === '/docs/') {
      t.match(headers, {
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': /geolocation=\(\)/,
      })
      t.match(policy, /script-src 'self';style-src 'self'/, url)
    }
    t.equal(headers['strict-transport-security'], undefined, 'this machine is asked by plain HTTP')
    t.equal(headers['access-control-allow-origin'], undefined)
  }
})

t.test('where a load balancer speaks HTTPS, browsers come by plain HTTP', async (t) => {
  const app = await buildFakeApp(t, { isLocal: false })
  t.match((await app.inject('/')).headers['strict-transport-security'], /^max-age=\d{8}/)
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
