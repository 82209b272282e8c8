import type { IncidentKind } from './incident.ts'

/** What each kind of incident means and where to look first, for whoever reads the message at night. The runbook says more. */
export const INCIDENT_TEXTS: Record<IncidentKind, { headline: string; meaning: string; lookAt: string }> = {
  down: {
    headline: 'is down',
    meaning:
      'A worker ended without a goodbye: it was killed, crashed, hangs, or cannot reach Redis. Others take over its work within seconds, if there are any; no record is lost.',
    lookAt: 'The end of its log, memory and exit code of its task; GET /fleet for who is left.',
  },
  unresponsive: {
    headline: 'does not respond',
    meaning:
      'A worker says that it lives, but handles nothing of what waits for it: its handler does not return. It keeps its shards, so nobody takes over.',
    lookAt: 'Its event-loop utilisation and lag in GET /fleet; what its handler waits for.',
  },
  failing: {
    headline: 'is failing',
    meaning: 'A service runs and does not get its work done: it ends again and again, or its errors go on.',
    lookAt: 'The last error in GET /fleet and in its log; GET /dead-letters; what was deployed last.',
  },
  'under-strength': {
    headline: 'is under strength',
    meaning: 'Fewer workers run than are wanted, for longer than a deploy or a restart takes.',
    lookAt: 'The events of the ECS service, or .roadpulse/logs/ on one machine: why does none start?',
  },
  'shard-unowned': {
    headline: 'leaves shards unread',
    meaning:
      'Records arrive on a shard that nobody reads. They wait there, up to the retention of the stream.',
    lookAt: '`npm run shards` and GET /fleet: how many consumers live, and what they hold.',
  },
  stalled: {
    headline: 'stands still',
    meaning:
      'A stage does nothing although its input grows. What waits is kept, up to the retention of the stream.',
    lookAt: 'The backlog of the stage on the page and in GET /pipeline; the log of the service.',
  },
  'conservation-broken': {
    headline: 'does not add up',
    meaning: 'Two places that must have counted the same have not: records were lost, or counted twice.',
    lookAt: 'GET /pipeline: the law that does not hold names the two places.',
  },
  dependency: {
    headline: 'cannot be reached',
    meaning:
      'A service that Roadpulse is built on does not answer. What follows from it is not told as well.',
    lookAt: 'GET /health/ready; the AWS Health Dashboard; network, credentials and limits.',
  },
}
