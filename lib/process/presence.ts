import type { Redis } from 'ioredis'
import { startHeartbeat, type WorkerReport } from './heartbeat.ts'
import type { ProcessContext } from './lifecycle.ts'
import type { Metrics } from './metrics/metrics.ts'
import { type Readiness, startProbeServer } from './probes.ts'

export type Presence = {
  /** Says that it takes no more work. */
  draining(): void
  /** Says goodbye, and closes the probe port. */
  stop(): Promise<void>
}

/** How others see a worker: its heartbeat in Redis, and its port for health and metrics. */
export async function startPresence(
  { options, log }: ProcessContext<{ PROBE_HOST: string; PROBE_PORT: number; WORKER_ID: string }>,
  worker: {
    kind: string
    redis: Redis
    metrics: Metrics
    readiness: () => Promise<Readiness>
    report: () => WorkerReport
  },
): Promise<Presence> {
  const { kind, redis, metrics, readiness, report } = worker
  const states = metrics.gauge('worker_state')
  const showState = (shown: 'running' | 'draining') => {
    for (const state of ['running', 'draining'] as const) states.set({ state }, state === shown ? 1 : 0)
  }
  showState('running')
  const probes = await startProbeServer({
    host: options.PROBE_HOST,
    port: options.PROBE_PORT,
    readiness,
    metrics: () => metrics.render(),
  })
  const heartbeat = startHeartbeat({
    redis,
    id: options.WORKER_ID,
    kind,
    log,
    probePort: probes.port,
    report,
  })
  return {
    draining() {
      showState('draining')
      heartbeat.setState('draining')
    },
    async stop() {
      await heartbeat.stop()
      await probes.close()
    },
  }
}
