// Rows of the workers and of the shards.

import { formatCount, formatDuration, formatPercent } from '../shell/format.js'
import { element } from '../shell/rows.js'

const LEVELS = { running: 'good', starting: '', draining: 'warn', stopped: '', silent: 'bad' }
/** A worker that said goodbye, or whose place another one took, is shown for a while and then counted as gone. */
const SHOW_GONE_MS = 60_000
/** A checkpoint or a record this old is worth a look. */
const OLD_MS = 30_000

export function describeFleet({ workers }) {
  const running = workers.filter(({ state }) => state === 'running').length
  const silent = workers.filter((worker) => worker.state === 'silent' && !isReplaced(worker, workers)).length
  return `${formatCount(running)} running${silent > 0 ? `, ${formatCount(silent)} silent` : ''}`
}

export const isWorking = ({ state }) => state === 'running' || state === 'starting'

/** A worker that was killed and came back under another id is not missed. */
export function isReplaced(worker, workers) {
  return workers.some(
    (other) =>
      other.kind === worker.kind && isWorking(other) && Date.parse(other.since) > Date.parse(worker.lastSeen),
  )
}

const isGone = (worker, workers) =>
  worker.state === 'stopped' || (worker.state === 'silent' && isReplaced(worker, workers))

export function describeOwnership({ shards }) {
  const open = shards.filter(({ checkpoint }) => checkpoint !== 'SHARD_END')
  return `${formatCount(open.filter(({ owner }) => owner !== null).length)} of ${formatCount(open.length)} owned`
}

export function workerRows({ asOf, workers }) {
  const now = Date.parse(asOf)
  return workers
    .filter((worker) => !isGone(worker, workers) || now - Date.parse(worker.lastSeen) < SHOW_GONE_MS)
    .map((worker) => ({
      key: worker.id,
      className: isGone(worker, workers) ? 'faded' : '',
      cells: [
        element(
          'span',
          { title: `${worker.id} on ${worker.host}, process ${worker.pid}, version ${worker.version}` },
          element('b', {}, worker.kind),
          ' ',
          element('span', { class: 'soft' }, worker.id),
        ),
        describeState(worker, now, isGone(worker, workers)),
        worker.holds.length === 0 ? { text: '–', className: 'soft' } : describeHolds(worker.holds),
        describeAge(worker.lagMs),
        formatPercent(worker.eventLoopUtilization),
        `${formatCount(worker.rssMb)} MB`,
        formatDuration(now - Date.parse(worker.since)),
      ],
    }))
}

export function shardRows({ shards }) {
  return shards.map((shard) => {
    const isEnded = shard.checkpoint === 'SHARD_END'
    return {
      key: shard.shard,
      className: isEnded ? 'faded' : '',
      cells: [
        { text: shortShard(shard.shard), title: `${shard.stream} ${shard.shard}` },
        isEnded ? 'read to its end' : (shard.owner ?? { text: 'nobody', className: 'bad' }),
        { text: shortEpoch(shard.epoch), title: String(shard.epoch) },
        isEnded ? '–' : describeAge(shard.checkpointAgeMs, shard.checkpoint),
        isEnded ? '–' : describeAge(shard.msBehindLatest),
      ],
    }
  })
}

function describeState({ state, lastSeen, lastError }, now, isGone) {
  const text = state === 'silent' ? `silent ${formatDuration(now - Date.parse(lastSeen))}` : state
  const tag = element('span', { class: 'tag', 'data-level': isGone ? '' : LEVELS[state] }, text)
  if (lastError !== null) tag.setAttribute('title', `last error: ${lastError.message}`)
  return tag
}

function describeHolds(holds) {
  const shards = holds.map(shortShard)
  const isAllShards = shards.every((shard) => shard.startsWith('shard '))
  const text = isAllShards ? `shard ${shards.map((shard) => shard.slice(6)).join(', ')}` : shards.join(', ')
  return { text, title: holds.join(', ') }
}

function describeAge(ms, title = '') {
  return { text: formatDuration(ms), className: ms !== null && ms > OLD_MS ? 'warn' : '', title }
}

/** shardId-000000000003 is shard 3. */
function shortShard(id) {
  return id.replace(/^shardId-0*(\d+)$/, 'shard $1')
}

/** An epoch is at least the time of the change of owner in ms: its last digits tell two of them apart. */
function shortEpoch(epoch) {
  return epoch < 1_000_000 ? String(epoch) : `…${String(epoch).slice(-6)}`
}
