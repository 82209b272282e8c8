// The pipeline as stages: what each one does, how much waits before the next, and whether anything is missing there.

import { isWorking } from '../fleet/fleet.js'
import { formatClock, formatCount, formatDuration, formatRate } from '../shell/format.js'
import { remarkOfIncidents, remarkOfLaws, remarkOfWorkers } from './stage-remarks.js'

/** A shard or the raw layer that is so far behind is worth a look. */
const BEHIND_MS = 30_000

/**
 * @typedef {{ level: 'good' | 'warn' | 'bad' | 'idle', text: string }} Remark
 * @typedef {{ id: string, name: string, kind: 'store' | 'process', figure: string, unit: string, facts: string[], remark: Remark }} Stage
 */

/**
 * @param {{ feed: any, fleet: any, incidents: any, perSecond: (count: string) => number | null }} state
 * @returns {Stage[]} from the source to the insights, then the way to the raw layer
 */
export function describeStages(state) {
  const { feed, fleet } = state
  return STAGES.map(({ id, name, kind, services, describe }) => {
    const { figure, unit, facts, laws = [], remark } = describe(state)
    return {
      id,
      name,
      kind,
      figure,
      unit,
      facts,
      remark:
        remarkOfIncidents(state.incidents, services) ??
        remarkOfLaws(feed, laws) ??
        remark ??
        remarkOfWorkers(fleet, services) ??
        (laws.length > 0 ? NOTHING_MISSING : RUNNING),
    }
  })
}

/** @type {Remark} */
const NOTHING_MISSING = { level: 'good', text: 'nothing missing' }
/** @type {Remark} */
const RUNNING = { level: 'good', text: 'running' }
const idle = (text) => ({ level: 'idle', text })

/** `services`: those of an incident that this stage shows. */
const STAGES = [
  {
    id: 'source',
    name: 'Source',
    kind: 'store',
    services: [],
    describe: ({ feed, perSecond }) => ({
      figure: rate(perSecond('read')),
      unit: 'rows read per second',
      facts: [`${formatCount(feed.read)} rows so far`, `${feed.feed} is ${feed.state ?? 'unknown'}`],
      remark:
        feed.state === 'failed'
          ? { level: 'bad', text: 'the feed failed' }
          : feed.state === 'running'
            ? { level: 'good', text: 'is being read' }
            : idle(feed.state === 'finished' ? 'read to its end' : 'not being read'),
    }),
  },
  {
    id: 'producer',
    name: 'Producer',
    kind: 'process',
    services: ['producer'],
    describe: ({ feed, fleet }) => ({
      figure: formatRate(feed.emittedPerSecond),
      unit: 'rows sent per second',
      facts: [countRunning(fleet, 'producer'), leftOut(feed)],
      laws: ['producer'],
    }),
  },
  {
    id: 'stream-1',
    name: 'Stream 1',
    kind: 'store',
    services: ['kinesis'],
    describe: ({ feed }) => ({
      ...waiting(feed.emitted - (feed.in - feed.resent), 'rows'),
      facts: [`${formatCount(feed.emitted)} sent so far`],
      laws: ['streamOne'],
    }),
  },
  {
    id: 'flink',
    name: 'Flink',
    kind: 'process',
    services: ['flink'],
    describe: ({ feed, fleet, perSecond }) => ({
      figure: rate(perSecond('in')),
      unit: 'rows counted per second',
      facts: [
        feed.watermark === null ? 'nothing counted yet' : describeWatermark(feed.watermark, fleet.asOf),
        `${formatCount(feed.rejected)} rejected, ${formatCount(feed.repeated)} repeated`,
      ],
      laws: ['validation', 'deduplication', 'lateness'],
    }),
  },
  {
    id: 'stream-2',
    name: 'Stream 2',
    kind: 'store',
    services: ['kinesis'],
    describe: ({ feed, fleet }) => {
      const lagMs = Math.max(0, ...fleet.shards.map((shard) => shard.msBehindLatest ?? 0))
      const { accident, accidentLate, rejected } = feed.received
      const made = feed.onTime + feed.late + feed.rejected
      return {
        ...waiting(made - (accident + accidentLate + rejected), 'events'),
        facts: [`consumer ${formatDuration(lagMs)} behind`],
        laws: ['accident', 'accidentLate', 'rejected'],
        ...(lagMs > BEHIND_MS ? { remark: { level: 'warn', text: 'the consumer is slower' } } : {}),
      }
    },
  },
  {
    id: 'consumer',
    name: 'Consumer',
    kind: 'process',
    services: ['consumer'],
    describe: ({ feed, fleet }) => ({
      figure: formatRate(feed.receivedPerSecond),
      unit: 'events taken per second',
      facts: [countRunning(fleet, 'consumer'), describeOwners(fleet)],
    }),
  },
  {
    id: 'insights',
    name: 'Insights',
    kind: 'store',
    services: ['redis'],
    describe: ({ feed }) => ({
      figure: formatCount(feed.received.accident),
      unit: 'accidents on time',
      facts: [`${formatCount(feed.windowed)} in closed minutes`],
      laws: ['windows'],
    }),
  },
  {
    id: 'firehose',
    name: 'Firehose',
    kind: 'process',
    services: ['firehose'],
    describe: ({ fleet, perSecond }) => ({
      figure: rate(perSecond('firehose')),
      unit: 'rows copied per second',
      facts: [countRunning(fleet, 'firehose')],
      ...(fleet.workers.some(({ kind }) => kind === 'firehose') ? {} : { remark: idle('run by AWS') }),
    }),
  },
  {
    id: 'raw-layer',
    name: 'Raw layer',
    kind: 'store',
    services: ['s3'],
    describe: ({ fleet }) => describeRawLayer(fleet),
  },
]

function describeRawLayer({ workers }) {
  const lags = workers
    .filter((worker) => worker.kind === 'firehose' && isWorking(worker))
    .flatMap(({ lagMs }) => lagMs ?? [])
  if (lags.length === 0)
    return { figure: '–', unit: 'behind stream 1', facts: [], remark: idle('not known here') }
  return {
    figure: formatDuration(Math.max(...lags)),
    unit: 'behind stream 1',
    facts: ['every row as it was sent, in S3'],
    remark: { level: 'good', text: 'can be replayed' },
  }
}

/** The counters that `perSecond` is asked for. */
export function countsOf(feed, fleet) {
  const copied = fleet.workers
    .filter(({ kind }) => kind === 'firehose')
    .map(({ progress }) => progress.records ?? 0)
  return { read: feed.read, in: feed.in, firehose: copied.reduce((sum, count) => sum + count, 0) }
}

const rate = (perSecond) => (perSecond === null ? '–' : formatRate(perSecond))

/** Counts of two places are not of one instant: the later one may be ahead. */
function waiting(count, unit) {
  return { figure: formatCount(Math.max(count, 0)), unit: `${unit} on their way` }
}

const describeWatermark = (watermark, asOf) =>
  Date.parse(watermark) > Date.parse(asOf) ? 'counted to the end' : `counted up to ${formatClock(watermark)}`

function countRunning({ workers }, kind) {
  const running = workers.filter((worker) => worker.kind === kind && isWorking(worker)).length
  return running === 0 ? 'none of ours running' : `${formatCount(running)} running`
}

function describeOwners({ shards }) {
  const open = shards.filter(({ checkpoint }) => checkpoint !== 'SHARD_END')
  const owned = open.filter(({ owner }) => owner !== null).length
  return `${formatCount(owned)} of ${formatCount(open.length)} shards owned`
}

function leftOut({ refused, filtered }) {
  const parts = [
    `${formatCount(refused)} refused`,
    ...(filtered > 0 ? [`${formatCount(filtered)} filtered`] : []),
  ]
  return parts.join(', ')
}
