import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { FeedStore } from '../lib/feeds/feed-store.ts'
import type { InsightReader } from '../lib/insights/insight-reader.ts'
import type { Metrics } from '../lib/process/metrics.ts'
import type { Readiness } from '../lib/process/probes.ts'
import type { EventHub } from './live/event-hub.ts'
import type { Snapshots } from './live/snapshot-loop.ts'
import { describeApi } from './plugins/openapi.ts'
import { answerErrorsAsProblems } from './plugins/problem-details.ts'
import { echoRequestIds, requestIdOf } from './plugins/request-ids.ts'
import { measureRequests } from './plugins/request-metrics.ts'
import { setSecurityHeaders } from './plugins/security-headers.ts'
import { eventsRoutes } from './routes/events.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { healthRoutes } from './routes/health.ts'
import { insightsRoutes } from './routes/insights.ts'
import { pageRoutes } from './routes/page.ts'
import { pipelineRoutes } from './routes/pipeline.ts'

const BODY_LIMIT_BYTES = 64 * 1024

export type AppOptions = {
  log: FastifyBaseLogger
  metrics: Metrics
  readiness: () => Promise<Readiness>
  feeds: Pick<FeedStore, 'get'>
  insights: InsightReader
  snapshots: Snapshots
  hub: EventHub
}

/** The HTTP side of the api, registered in order by hand. It owns none of what it is given. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { readiness, feeds, insights, snapshots, hub } = options
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: BODY_LIMIT_BYTES,
    // A stop does not wait for connections that are only kept open.
    forceCloseConnections: 'idle',
  })

  echoRequestIds(app)
  measureRequests(app, options.metrics)
  answerErrorsAsProblems(app)
  await setSecurityHeaders(app)
  await describeApi(app)

  await app.register(healthRoutes, { readiness })
  await app.register(fleetRoutes, { snapshots })
  await app.register(pipelineRoutes, { snapshots })
  await app.register(insightsRoutes, { feeds, insights })
  await app.register(eventsRoutes, { hub })
  await app.register(pageRoutes)
  return app
}
