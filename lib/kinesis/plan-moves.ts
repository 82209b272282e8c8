/** A worker that takes part since `joinedAt`. `utilization`: the share of time that its event loop is busy, 0 to 1. */
export type WorkerLoad = { workerId: string; utilization: number; joinedAt: number }

/**
 * A lease that somebody owns. `owner`: also the heir of a move that is under way. `movedAt`: when a move last brought it
 * to its owner; absent when it came by itself, because it was nobody's.
 */
export type LeaseLoad = {
  shardId: string
  owner: string
  isMoving: boolean
  bytesPerSecond: number
  movedAt?: number
}

export type LoadSnapshot = { now: number; workers: WorkerLoad[]; leases: LeaseLoad[] }

export type Move = { shardId: string; from: string; to: string }

/** How much of a lease's weight is its share of all bytes; the rest is the same for all. Much less at a trickle. */
const BYTES_SHARE = 0.75
const TRICKLE_BYTES_PER_SECOND = 16_384
/**
 * A move must gain so much of a worker's average load, for measured loads never stand still: more to begin with, less
 * while there were moves of late, so that a spread is either well made or left alone.
 */
const HYSTERESIS_AT_REST = 0.2
const HYSTERESIS_AFTER_MOVES = 0.1
/** A worker this busy counts as more loaded than its bytes say, by as much as it is busier than the average. */
const BUSY_UTILIZATION = 0.8
const MAX_PRESSURE = 2
/** Nobody is made busier than this, unless its giver is: what a slow machine has given away must not come back to it. */
const ROOM_UTILIZATION = 0.65
/**
 * A move costs its shard a pause, so none is moved again before its load after the move is known and lasting; but when
 * somebody has joined since, for then there is a new spread to be made.
 */
const REST_AFTER_MOVE_MS = 300_000

/**
 * The moves that bring the loads of the workers closer to each other: each of them the one that lessens the variance
 * most, until no move gains more than the hysteresis, or half of an average worker's leases move. Pure and the same for
 * all who see the same snapshot, so nobody has to lead: each worker carries out what it is to give away.
 *
 * Moving weight w from load a to load b lessens the variance when w < a - b. A hot shard stays alone where it is and the
 * others move away from it; an even spread gives nothing. Where that would make a worker busy it gets nothing, so on
 * unequal machines the spread is as even as the slow ones allow.
 *
 * Source: steepest descent on the variance, in place of the variance balancing of the Amazon Kinesis Client Library 3,
 * whose leader moves leases by a damped share of the excess and needs several rounds. Utilisation of the event loop
 * stands for its CPU metric, which says little of a process with one thread.
 */
export function planMoves(snapshot: LoadSnapshot): Move[] {
  const { now, workers, leases } = snapshot
  if (workers.length < 2 || leases.length === 0) return []
  const total = leases.reduce((sum, lease) => sum + lease.bytesPerSecond, 0)
  const abundance = total / (total + TRICKLE_BYTES_PER_SECOND)
  const bytesShare = BYTES_SHARE * abundance
  const weightOf = ({ bytesPerSecond }: LeaseLoad) =>
    (1 - bytesShare) / leases.length + (total === 0 ? 0 : (bytesShare * bytesPerSecond) / total)
  const bearers = toBearers(workers)
  for (const lease of leases) {
    const bearer = bearers.get(lease.owner)
    if (bearer !== undefined) bearer.measured += weightOf(lease)
  }
  for (const bearer of bearers.values()) bearer.carried = bearer.measured

  const lastJoinedAt = Math.max(...workers.map(({ joinedAt }) => joinedAt))
  const isRested = ({ movedAt = Number.NEGATIVE_INFINITY }: LeaseLoad) =>
    now - movedAt >= REST_AFTER_MOVE_MS || movedAt < lastJoinedAt
  const isStrained = [...bearers.values()].some(({ pressure }) => pressure > 1)
  const hysteresis = leases.every(isRested) ? HYSTERESIS_AT_REST : HYSTERESIS_AFTER_MOVES
  const leastGain = (hysteresis * (isStrained ? 1 : bytesShare)) / workers.length + Number.EPSILON * 8
  const mayPass = (weight: number, from: Bearer, to: Bearer) => {
    const isByWeight = from.carried - to.carried - weight > leastGain
    // Its only lease would keep the next one as busy.
    if (!isByWeight && from.carried - weight < leastGain) return false
    if (to.measured === 0 || (isByWeight && from.utilization >= BUSY_UTILIZATION)) return true
    const growth = (to.carried + weight - to.measured) / to.measured
    const limit = isByWeight ? Math.max(ROOM_UTILIZATION, from.utilization) : ROOM_UTILIZATION
    // At a trickle it is not what the leases carry that keeps a worker busy.
    return abundance * to.utilization * (1 + growth) < limit
  }

  const movable = leases
    .filter((lease) => !lease.isMoving && isRested(lease) && bearers.has(lease.owner))
    .sort((a, b) => (a.shardId < b.shardId ? -1 : 1))
  const moves: Move[] = []
  const most = Math.max(1, Math.ceil(leases.length / workers.length / 2))
  while (moves.length < most) {
    const lightestFirst = [...bearers.values()].sort(
      (a, b) => loadOf(a) - loadOf(b) || (a.workerId < b.workerId ? -1 : 1),
    )
    let best: { lease: LeaseLoad; from: Bearer; to: Bearer; weight: number; lessens: number } | undefined
    for (const lease of movable) {
      const from = bearers.get(lease.owner)
      if (from === undefined || moves.some((move) => move.shardId === lease.shardId)) continue
      const weight = weightOf(lease)
      const to = lightestFirst.find((bearer) => bearer !== from && mayPass(weight, from, bearer))
      if (to === undefined) continue
      const gain = loadOf(from) - loadOf(to) - weight
      if (gain > leastGain && weight * gain > (best?.lessens ?? 0))
        best = { lease, from, to, weight, lessens: weight * gain }
    }
    if (best === undefined) break
    const { lease, from, to, weight } = best
    moves.push({ shardId: lease.shardId, from: from.workerId, to: to.workerId })
    from.carried -= weight
    to.carried += weight
  }
  return moves
}

/**
 * What a worker bears: the weight of its leases now (`measured`) and with the moves that are planned so far (`carried`).
 * `pressure`: by how much more than that it is loaded, 1 for all but those whose event loop has no time left.
 */
type Bearer = WorkerLoad & { measured: number; carried: number; pressure: number }

function loadOf({ carried, pressure }: Bearer): number {
  return carried * pressure
}

function toBearers(workers: readonly WorkerLoad[]): Map<string, Bearer> {
  const average = workers.reduce((sum, { utilization }) => sum + utilization, 0) / workers.length
  return new Map(
    workers.map((worker) => {
      const isBusy = worker.utilization >= BUSY_UTILIZATION
      const pressure = isBusy ? Math.min(MAX_PRESSURE, Math.max(1, worker.utilization / average)) : 1
      return [worker.workerId, { ...worker, measured: 0, carried: 0, pressure }]
    }),
  )
}
