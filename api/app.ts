import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { FeedStore } from '../lib/feeds/feed-store.ts'
import type { InsightReader } from '../lib/insights/insight-reader.ts'
import type { Metrics } from '../lib/process/metrics/metrics.ts'
import type { Readiness } from '../lib/process/probes.ts'
import type { AccessControl } from './access/access-control.ts'
import type { DeadLetterService } from './dead-letters/dead-letter-service.ts'
import type { EventHub } from './live/event-hub.ts'
import type { Snapshots } from './live/snapshot-loop.ts'
import { guardAccess } from './plugins/access.ts'
import { describeApi, documentReader } from './plugins/openapi.ts'
import { answerBrokenRequest, answerError, answerUnknownPaths } from './plugins/problem-details.ts'
import { echoRequestIds, requestIdOf } from './plugins/request-ids.ts'
import { limitRequests, type RequestLimits } from './plugins/request-limits.ts'
import { RequestLog } from './plugins/request-log.ts'
import { measureRequests } from './plugins/request-metrics.ts'
import { setSecurityHeaders } from './plugins/security-headers.ts'
import type { ReplayService } from './replays/replay-service.ts'
import { deadLettersRoutes } from './routes/dead-letters.ts'
import { eventsRoutes } from './routes/events.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { healthRoutes } from './routes/health.ts'
import { incidentsRoutes } from './routes/incidents.ts'
import { insightsRoutes } from './routes/insights.ts'
import { pageRoutes } from './routes/page.ts'
import { pipelineRoutes } from './routes/pipeline.ts'
import { replaysRoutes } from './routes/replays.ts'
import { runbookRoutes } from './routes/runbook.ts'
import { sessionRoutes } from './routes/session.ts'
import type { IncidentBoards } from './watchdog/incident-board.ts'
import type { IncidentReader } from './watchdog/incident-reader.ts'

const BODY_LIMIT_BYTES = 64 * 1024
const HEADER_LIMIT_BYTES = 8 * 1024
/** Ids of dead letters are the longest. */
const PATH_PART_LIMIT = 300
/** Whoever needs longer to send its headers, or all of its request, holds a connection for its own sake. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const TIMEOUT_CHECK_MS = 5_000

export type AppOptions = {
  log: FastifyBaseLogger
  metrics: Metrics
  access: AccessControl
  limits: RequestLimits
  /** Only this machine can reach it, by plain HTTP; else a load balancer speaks HTTPS before it. */
  isLocal: boolean
  /** Whose X-Forwarded-For is believed: addresses and networks, separated by commas. */
  trustedProxies?: string
  readiness: () => Promise<Readiness>
  feeds: Pick<FeedStore, 'get'>
  insights: InsightReader
  replays: ReplayService
  deadLetters: DeadLetterService
  snapshots: Snapshots
  hub: EventHub
  incidents: IncidentReader
  boards: Pick<IncidentBoards, 'latest'>
}

/** The HTTP side of the api, registered in order by hand. It owns none of what it is given. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { access, readiness, feeds, insights, replays, deadLetters, snapshots, hub, incidents, boards } =
    options
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (log, bindings) => new RequestLog(log, bindings),
    genReqId: requestIdOf,
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenRequest,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: PATH_PART_LIMIT },
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    trustProxy: options.trustedProxies ?? false,
    // A stop does not wait for connections that are only kept open.
    forceCloseConnections: 'idle',
  })

  app.setErrorHandler(answerError)
  await describeApi(app, access.cookieName)
  const showsCauses = !access.isRequired
  // Asked all the time, and when nothing else is answered any more: no hook stands before it.
  await app.register(healthRoutes, { readiness, showsCauses })
  await app.register(async (guarded) => {
    echoRequestIds(guarded)
    measureRequests(guarded, options.metrics)
    setSecurityHeaders(guarded, options)
    guardAccess(guarded, access)
    await limitRequests(guarded, options.limits, options.metrics)
    answerUnknownPaths(guarded)

    await guarded.register(documentReader)
    await guarded.register(sessionRoutes, { access })
    await guarded.register(incidentsRoutes, { incidents, boards, snapshots, showsCauses })
    await guarded.register(fleetRoutes, { snapshots })
    await guarded.register(pipelineRoutes, { snapshots })
    await guarded.register(insightsRoutes, { feeds, insights })
    await guarded.register(replaysRoutes, { replays })
    await guarded.register(deadLettersRoutes, { deadLetters })
    await guarded.register(eventsRoutes, { hub, access })
    await guarded.register(pageRoutes)
    await guarded.register(runbookRoutes)
  })
  return app
}
