import t from 'tap'
import { buildFakeApp, FakeSnapshots, fakeInsights } from '../../support/fake-app.ts'

t.test('liveness looks at nothing else: it is 200 with every dependency gone', async (t) => {
  const insights = fakeInsights({ readTally: () => Promise.reject(new Error('gone')) })
  const app = await buildFakeApp(t, {
    readiness: { status: 'failing', checks: {} },
    snapshots: new FakeSnapshots(),
    insights,
  })
  const response = await app.inject('/health/live')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { status: 'ok' })
  t.equal(response.headers['cache-control'], 'no-store')
})

t.test('readiness names each dependency, and is 503 while one fails or the process drains', async (t) => {
  const checks = {
    redis: { status: 'ok', latencyMs: 1 },
    kinesis: { status: 'failing', latencyMs: 1_000, error: 'no answer within 1000 ms' },
  } as const
  for (const [status, statusCode] of [
    ['ok', 200],
    ['failing', 503],
    ['draining', 503],
  ] as const) {
    const app = await buildFakeApp(t, { readiness: { status, checks } })
    const response = await app.inject('/health/ready')
    t.equal(response.statusCode, statusCode)
    t.same(response.json(), { status, checks })
  }
})
