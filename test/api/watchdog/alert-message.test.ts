import t from 'tap'
import { toSubject, writeAlertMessage } from '../../../api/watchdog/alert-message.ts'
import { INCIDENT_KINDS, type IncidentRecord, SERVICES } from '../../../api/watchdog/incident.ts'

const INCIDENT: IncidentRecord = {
  id: 'down.consumer.1795430417123',
  kind: 'down',
  service: 'consumer',
  severity: 'critical',
  state: 'open',
  openedAt: '2026-11-23T12:00:30.000Z',
  closedAt: null,
  summary: '1 consumer ended without a goodbye.',
  workers: ['consumer-1'],
  details: { healthy: 0, wanted: 1 },
  suppressedBy: null,
}

t.test('a message leaves out what, since when, what it means, where to look, or the runbook', async (t) => {
  const { subject, text, json, attributes } = writeAlertMessage(INCIDENT, 'opened', 'https://x.test/runbook')
  t.equal(subject, 'Roadpulse CRITICAL: consumer is down')
  for (const part of [
    'CRITICAL: consumer is down',
    INCIDENT.summary,
    'Since: 2026-11-23T12:00:30.000Z',
    'Workers: consumer-1',
    'wanted: 1',
    'What it means: ',
    'What to look at: ',
    'Runbook: https://x.test/runbook#down',
    'Message down.consumer.1795430417123.opened',
  ]) {
    t.ok(text.includes(part), part)
  }
  t.match(JSON.parse(json), { ...INCIDENT, event: 'opened', runbook: 'https://x.test/runbook#down' })
  t.same(attributes, {
    severity: 'critical',
    kind: 'down',
    service: 'consumer',
    event: 'opened',
    dedupId: 'down.consumer.1795430417123.opened',
  })
})

t.test('that it is over reads like another alarm', async (t) => {
  const closed = { ...INCIDENT, state: 'closed' as const, closedAt: '2026-11-23T12:01:00.000Z' }
  const { subject, text, attributes } = writeAlertMessage(closed, 'closed', '/docs/runbook')
  t.equal(subject, 'Roadpulse RESOLVED: consumer is down')
  t.match(text, 'this is over')
  t.match(text, 'Over:  2026-11-23T12:01:00.000Z')
  t.equal(attributes['dedupId'], 'down.consumer.1795430417123.closed')
})

t.test('SNS refuses a subject', async (t) => {
  for (const kind of INCIDENT_KINDS) {
    for (const service of SERVICES) {
      const { subject } = writeAlertMessage({ ...INCIDENT, kind, service }, 'opened', '/')
      t.match(subject, /^[\x20-\x7e]{1,100}$/, subject)
    }
  }
  t.match(toSubject(`é\n${'x'.repeat(200)}`), /^[\x20-\x7e]{100}$/)
})
