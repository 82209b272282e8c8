import t from 'tap'
import type { IncidentRecord, Publication } from '../../../api/watchdog/incident.ts'
import { createOutboxPublisher } from '../../../api/watchdog/outbox-publisher.ts'
import { createLog } from '../../../lib/process/log.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const INCIDENT: IncidentRecord = {
  id: 'down.consumer.1',
  kind: 'down',
  service: 'consumer',
  severity: 'critical',
  state: 'open',
  openedAt: '2026-11-23T12:00:30.000Z',
  closedAt: null,
  summary: 'It is down.',
  workers: [],
  details: {},
  suppressedBy: null,
}

const pending = (event: 'opened' | 'closed'): Publication => ({
  event,
  dedupId: `down.consumer.1.${event}`,
  state: 'pending',
  at: null,
  messageId: null,
  attempts: 0,
  error: null,
})

/** An outbox of an opening and a closing; SNS refuses the first `refusals` calls. */
async function publishAll(refusals: number, isFenced: () => boolean = () => false) {
  const clock = createSimulatedClock()
  const outbox = [pending('opened'), pending('closed')]
  const calls: { at: number; dedupId: string | undefined }[] = []
  const recorded: Publication[] = []
  const stop = new AbortController()
  const publisher = createOutboxPublisher({
    store: {
      nextUnpublished: async () =>
        outbox[0] === undefined ? undefined : { publication: outbox[0], incident: INCIDENT },
      async record(_watch, publication, outcome) {
        if (isFenced()) return false
        recorded.push(publication)
        if (outcome === 'taken') outbox.shift()
        else outbox[0] = publication
        return true
      },
    },
    topic: {
      async publish({ attributes }) {
        calls.push({ at: clock.now(), dedupId: attributes['dedupId'] })
        if (calls.length <= refusals) throw new Error('refused')
        return `message-${calls.length}`
      },
      check: async () => undefined,
    },
    runbookUrl: '/',
    watch: () => ({ epoch: '1' }),
    clock,
    log: createLog({ name: 'api', level: 'silent', workerId: 'test' }),
    metrics: createMetrics('api', '0'),
  })
  const began = clock.now()
  const running = publisher.run(stop.signal)
  await waitFor('an hour', () => clock.now() - began > 3_600_000, { deadlineMs: 5_000, intervalMs: 1 })
  stop.abort()
  await running
  return { calls, recorded, outbox }
}

t.test(
  'an end is told before its beginning, or a refusal is not tried again, or without a pause',
  async (t) => {
    const { calls, recorded, outbox } = await publishAll(30)
    t.same(outbox, [])
    t.same(
      calls.map(({ dedupId }) => dedupId),
      [...Array.from({ length: 31 }, () => 'down.consumer.1.opened'), 'down.consumer.1.closed'],
    )
    t.ok((calls[30]?.at ?? 0) - (calls[0]?.at ?? 0) > 30_000, 'with longer pauses')
    t.match(
      recorded.find(({ state }) => state === 'failed'),
      { attempts: 1, error: 'refused' },
    )
    t.match(recorded.at(-1), { state: 'published', attempts: 1, messageId: 'message-32', error: null })
  },
)

t.test('an api that is no longer on watch still calls SNS', async (t) => {
  t.same((await publishAll(0, () => true)).calls, [])
})
