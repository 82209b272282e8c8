// What is wrong at a stage, from each of those who could know; nothing when they see nothing.

import { isReplaced, isWorking } from '../fleet/fleet.js'
import { formatClock, formatCount } from '../shell/format.js'

export function remarkOfIncidents(incidents, services) {
  const open = (incidents?.open ?? []).filter(({ service }) => services.includes(service))
  const worst = open.find(({ severity }) => severity === 'critical') ?? open[0]
  if (worst === undefined) return undefined
  const since = formatClock(worst.openedAt)
  return {
    level: worst.severity === 'critical' ? 'bad' : 'warn',
    text: `${worst.kind.replaceAll('-', ' ')} since ${since}`,
  }
}

export function remarkOfLaws(feed, laws) {
  const sum = laws.reduce((total, law) => total + feed.differences[law], 0)
  const isBroken = laws.some((law) => feed.differences[law] !== 0)
  if (!isBroken) return undefined
  return { level: 'bad', text: `${formatCount(Math.abs(sum))} ${sum < 0 ? 'missing' : 'too many'}` }
}

export function remarkOfWorkers({ workers }, services) {
  const ours = workers.filter(({ kind }) => services.includes(kind))
  if (ours.some((worker) => worker.state === 'silent' && !isReplaced(worker, workers))) {
    return { level: 'bad', text: 'one does not answer' }
  }
  return ours.length > 0 && !ours.some(isWorking) ? { level: 'warn', text: 'none is running' } : undefined
}
