import t from 'tap'
import { createDesiredCounts } from '../../../api/watchdog/wanted/desired-counts.ts'
import { serveJson } from '../../support/serve-json.ts'

t.test('a service that was deleted still wants its tasks, or another cluster is asked', async (t) => {
  const asked: object[] = []
  const endpoint = await serveJson(t, (_request, body) => {
    asked.push(body)
    return {
      status: 200,
      body: {
        services: [
          { serviceName: 'c', desiredCount: 2, status: 'ACTIVE' },
          { serviceName: 'p', desiredCount: 1, status: 'INACTIVE' },
        ],
      },
    }
  })
  process.env.AWS_ACCESS_KEY_ID ??= 'test'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test'
  const desiredCounts = createDesiredCounts(
    { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint },
    'roadpulse',
  )
  t.same([...(await desiredCounts(['c', 'p']))], [['c', 2]])
  t.strictSame(asked, [{ cluster: 'roadpulse', services: ['c', 'p'] }])
})
