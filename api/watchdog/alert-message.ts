import { dedupIdOf, type IncidentEvent, type IncidentRecord } from './incident.ts'
import { INCIDENT_TEXTS } from './incident-texts.ts'

const MAX_SUBJECT_LENGTH = 100

/** One message as SNS takes it: text for people, JSON for programs, and what subscriptions filter by. */
export type AlertMessage = {
  subject: string
  text: string
  json: string
  attributes: Readonly<Record<string, string>>
}

/** Made of nothing but the incident, so that a repetition is the same message. */
export function writeAlertMessage(
  incident: IncidentRecord,
  event: IncidentEvent,
  runbookUrl: string,
): AlertMessage {
  const { kind, service, severity } = incident
  const { headline, meaning, lookAt } = INCIDENT_TEXTS[kind]
  const dedupId = dedupIdOf(incident.id, event)
  const runbook = `${runbookUrl}#${kind}`
  const label = event === 'opened' ? severity.toUpperCase() : 'RESOLVED'
  const head = `${label}: ${service} ${headline}`
  const times =
    event === 'opened'
      ? `Since: ${incident.openedAt}`
      : `Since: ${incident.openedAt}\nOver:  ${incident.closedAt ?? 'now'}`
  const details = Object.entries(incident.details).map(([name, value]) => `  ${name}: ${value}`)
  const lines = [
    event === 'opened' ? head : `${head}: this is over.`,
    '',
    incident.summary,
    '',
    times,
    ...(incident.workers.length === 0 ? [] : [`Workers: ${incident.workers.join(', ')}`]),
    ...(details.length === 0 ? [] : ['Details:', ...details]),
    '',
    `What it means: ${meaning}`,
    `What to look at: ${lookAt}`,
    `Runbook: ${runbook}`,
    '',
    `Message ${dedupId}`,
  ]
  return {
    subject: toSubject(`Roadpulse ${head}`),
    text: lines.join('\n'),
    json: JSON.stringify({ event, dedupId, ...incident, meaning, lookAt, runbook }),
    attributes: { severity, kind, service, event, dedupId },
  }
}

/** SNS takes up to 100 printable ASCII characters. */
export const toSubject = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_SUBJECT_LENGTH)
