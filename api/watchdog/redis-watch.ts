import { type Clock, systemClock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'
import { retry } from '../../lib/retry.ts'
import { toIsoTime } from '../field-types.ts'
import { writeAlertMessage } from './alert-message.ts'
import { dedupIdOf, type IncidentEvent, type IncidentRecord, type Publication } from './incident.ts'
import type { Topic } from './sns-topic.ts'

const INTERVAL_MS = 1_000
/** A process that was held up itself must not blame Redis for it. */
const MAX_STEP_MS = 2_000
const GONE_AFTER_MS = 5_000
const BACK_AFTER_ANSWERS = 3
const BACKOFF = { baseMs: 500, maxMs: 5_000 }

export type RedisWatch = {
  /** What is open because Redis does not answer this process, with what was told of it. */
  open(): { incident: IncidentRecord; publications: Publication[] } | undefined
  stop(): Promise<void>
}

/**
 * Without Redis there is no watch, no memory and no outbox: so each api says by itself, once, that Redis is gone, and
 * once when it is back. Should SNS not take the first before Redis is back, there is nothing left to say.
 */
export function startRedisWatch(options: {
  ping: () => Promise<unknown>
  workerId: string
  topic: Topic | undefined
  runbookUrl: string
  /** It is over: for those who look back. */
  onOver(incident: IncidentRecord, publications: readonly Publication[]): Promise<void>
  clock?: Clock
  log: Log
}): RedisWatch {
  const { workerId, topic, runbookUrl, log } = options
  const clock = options.clock ?? systemClock
  const stopping = new AbortController()
  let isPinging = false
  let answers = 0
  let silentMs = 0
  let outage: Outage | undefined

  /** Only one is under way: commands wait in a queue while Redis is away. */
  function ping(): void {
    if (isPinging) return
    isPinging = true
    options
      .ping()
      .then(() => answers++)
      .catch((error: unknown) => log.debug({ error: describeError(error) }, 'redis does not answer'))
      .finally(() => {
        isPinging = false
      })
  }

  async function run(): Promise<void> {
    let lookedAt = clock.monotonic()
    let goodLooks = 0
    while (!stopping.signal.aborted) {
      ping()
      await clock.sleep(INTERVAL_MS, stopping.signal)
      const elapsedMs = Math.min(clock.monotonic() - lookedAt, MAX_STEP_MS)
      lookedAt = clock.monotonic()
      silentMs = answers > 0 ? 0 : silentMs + elapsedMs
      goodLooks = answers > 0 ? goodLooks + 1 : 0
      answers = 0
      if (silentMs >= GONE_AFTER_MS) outage ??= begin(silentMs)
      if (outage !== undefined && goodLooks >= BACK_AFTER_ANSWERS) {
        void end(outage)
        outage = undefined
      }
    }
  }

  function begin(agoMs: number): Outage {
    const since = clock.now() - agoMs
    const incident: IncidentRecord = {
      id: `dependency.redis.${since}.${workerId}`,
      kind: 'dependency',
      service: 'redis',
      severity: 'critical',
      state: 'open',
      openedAt: toIsoTime(since),
      closedAt: null,
      summary: `Redis does not answer ${workerId} since ${toIsoTime(since)}: nothing is watched, and nobody else may say so.`,
      workers: [workerId],
      details: {},
      suppressedBy: null,
    }
    log.error({ incident: incident.id }, 'redis is gone')
    const begun: Outage = { incident, publications: [], isOver: new AbortController() }
    begun.told = tell(begun, 'opened', AbortSignal.any([begun.isOver.signal, stopping.signal]))
    return begun
  }

  async function end(ended: Outage): Promise<void> {
    ended.isOver.abort()
    ended.incident = { ...ended.incident, state: 'closed', closedAt: toIsoTime(clock.now()) }
    log.info({ incident: ended.incident.id }, 'redis is back')
    await ended.told
    const [opened] = ended.publications
    if (opened?.state === 'published') await tell(ended, 'closed', stopping.signal)
    else if (opened !== undefined) opened.state = 'suppressed'
    await options
      .onOver(ended.incident, ended.publications)
      .catch((error: unknown) => log.warn({ error: describeError(error) }, 'outage of redis not noted'))
  }

  async function tell(outage: Outage, event: IncidentEvent, signal: AbortSignal): Promise<void> {
    if (topic === undefined) return
    const dedupId = dedupIdOf(outage.incident.id, event)
    const publication: Publication = {
      event,
      dedupId,
      state: 'pending',
      at: null,
      messageId: null,
      attempts: 0,
      error: null,
    }
    outage.publications.push(publication)
    const message = writeAlertMessage(outage.incident, event, runbookUrl)
    try {
      const messageId = await retry(
        () => {
          publication.attempts++
          return topic.publish(message)
        },
        {
          ...BACKOFF,
          isRetryable: () => true,
          onRetry: (error) => Object.assign(publication, { state: 'failed', error: describeError(error) }),
          signal,
          clock,
        },
      )
      Object.assign(publication, { state: 'published', at: toIsoTime(clock.now()), messageId, error: null })
    } catch (error) {
      Object.assign(publication, { state: 'failed', error: describeError(error) })
      log.error({ error: describeError(error), dedupId }, 'incident not told')
    }
  }

  const running = run()
  return {
    open: () => outage,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

type Outage = {
  incident: IncidentRecord
  publications: Publication[]
  isOver: AbortController
  told?: Promise<void>
}
