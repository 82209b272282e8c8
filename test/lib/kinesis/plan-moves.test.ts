import t from 'tap'
import { type LeaseLoad, planMoves } from '../../../lib/kinesis/plan-moves.ts'
import { createRandom } from '../../simulation/random.ts'

const PLAN_INTERVAL_MS = 3_000
const MINUTE_MS = 60_000

/** Moves from one worker to another by counts alone: `[2, 2, 0]` is three workers with four idle leases. */
const CASES: [held: number[], after: number[]][] = [
  [[4], [4]],
  [
    [2, 2],
    [2, 2],
  ],
  [
    [4, 0],
    [2, 2],
  ],
  [
    [2, 2, 0],
    [1, 2, 1],
  ],
  [
    [2, 1, 1],
    [2, 1, 1],
  ],
  [
    [1, 1, 1, 1, 0, 0],
    [1, 1, 1, 1, 0, 0],
  ],
  [
    [64, 0, 0],
    [22, 21, 21],
  ],
  [
    [1, 0],
    [1, 0],
  ],
]

/** A fleet whose moves take no time. */
class Fleet {
  now = 0
  readonly leases: LeaseLoad[]
  readonly workers: string[]
  readonly joinedAt = new Map<string, number>()
  utilizationOf: (workerId: string) => number = () => 0.1
  /** When each shard moved. */
  readonly moves: { shardId: string; at: number }[] = []

  constructor(held: readonly number[], bytesOf: (shard: number) => number = () => 0) {
    this.workers = held.map((_count, worker) => `w${worker}`)
    let shard = 0
    this.leases = held.flatMap((count, worker) =>
      Array.from({ length: count }, () => ({
        shardId: `s${shard}`,
        owner: `w${worker}`,
        isMoving: false,
        bytesPerSecond: bytesOf(shard++),
      })),
    )
  }

  plan(leases: LeaseLoad[] = this.leases) {
    const workers = this.workers.map((workerId) => ({
      workerId,
      utilization: this.utilizationOf(workerId),
      joinedAt: this.joinedAt.get(workerId) ?? 0,
    }))
    return planMoves({ now: this.now, workers, leases })
  }

  /** Plans every few seconds, with the loads as measured, for so long. */
  run(durationMs: number, measure: (lease: LeaseLoad) => number = (lease) => lease.bytesPerSecond): void {
    for (const end = this.now + durationMs; this.now < end; this.now += PLAN_INTERVAL_MS) {
      const measured = this.leases.map((lease) => ({ ...lease, bytesPerSecond: measure(lease) }))
      for (const { shardId, from, to } of this.plan(measured)) {
        const lease = this.leases.find((one) => one.shardId === shardId)
        if (lease?.owner !== from) throw new Error(`${shardId} is not ${from}'s`)
        lease.owner = to
        lease.movedAt = this.now
        this.moves.push({ shardId, at: this.now })
      }
    }
  }

  counts(): number[] {
    return this.workers.map((worker) => this.leases.filter(({ owner }) => owner === worker).length)
  }

  loads(): number[] {
    return this.workers.map((worker) =>
      this.leases
        .filter(({ owner }) => owner === worker)
        .reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
    )
  }
}

t.test('leases move although they are spread evenly, or stay although they are not', async (t) => {
  for (const [held, after] of CASES) {
    const fleet = new Fleet(held)
    fleet.run(MINUTE_MS)
    t.strictSame(
      fleet.counts().toSorted((a, b) => a - b),
      after.toSorted((a, b) => a - b),
      `${held.join(' ')} -> ${fleet.counts().join(' ')}`,
    )
    const least = after.reduce((sum, count, worker) => sum + Math.max(0, (held[worker] ?? 0) - count), 0)
    t.ok(fleet.moves.length <= least, 'no more moves than it takes')
  }
})

t.test(
  'a hot shard of eight on three workers keeps its neighbours, or is itself passed around',
  async (t) => {
    for (let hot = 0; hot < 8; hot++) {
      for (const held of [
        [8, 0, 0],
        [3, 3, 2],
        [4, 4, 0],
      ]) {
        const fleet = new Fleet(held, (shard) => (shard === hot ? 1_000_000 : 100_000))
        fleet.run(MINUTE_MS)
        const variance = (loads: number[]) => loads.reduce((sum, load) => sum + load * load, 0)
        const reached = variance(fleet.loads())
        for (const lease of fleet.leases) {
          for (const to of fleet.workers) {
            const { owner } = lease
            lease.owner = to
            t.ok(
              variance(fleet.loads()) >= reached,
              `hot ${hot} of ${held.join(' ')}: ${lease.shardId} to ${to}`,
            )
            lease.owner = owner
          }
        }
      }
    }
  },
)

t.test('a shard moves twice in five minutes, or at all in an hour without change', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = createRandom(seed)
    const fleet = new Fleet([8, 0, 0], () => random.int(10_000, 500_000))
    // As the meter smooths it: half of a rate is of the last 10 s.
    const noise = new Map<string, number>()
    const noisy = ({ shardId, bytesPerSecond }: LeaseLoad) => {
      const kept = 0.5 ** (PLAN_INTERVAL_MS / 10_000)
      noise.set(shardId, (noise.get(shardId) ?? 1) * kept + (0.9 + random.next() / 5) * (1 - kept))
      return bytesPerSecond * (noise.get(shardId) ?? 1)
    }
    fleet.utilizationOf = () => 0.3 + random.next() / 5
    fleet.run(10 * MINUTE_MS, noisy)
    for (const { shardId, at } of fleet.moves) {
      const again = fleet.moves.some(
        (move) => move.shardId === shardId && move.at > at && move.at < at + 5 * MINUTE_MS,
      )
      t.notOk(again, `seed ${seed}: ${shardId} moves twice`)
    }
    const settled = fleet.moves.length
    fleet.run(60 * MINUTE_MS, noisy)
    t.equal(fleet.moves.length, settled, `seed ${seed}: nothing moves in a steady hour`)
  }
})

/** Kilobytes per second that each worker can handle, and that each of its shards carries. */
const UNEQUAL_MACHINES: { capacity: number; shards: number[] }[][] = [
  [
    { capacity: 400, shards: [100, 100, 100, 100] },
    { capacity: 2_000, shards: [100, 100, 100, 100] },
  ],
  [
    { capacity: 500, shards: [100, 100, 100, 100] },
    { capacity: 2_000, shards: [100, 100, 100, 100] },
    { capacity: 2_000, shards: [100, 100, 100, 100] },
  ],
  [
    { capacity: 690, shards: [857] },
    { capacity: 580, shards: [59, 588] },
    { capacity: 710, shards: [642] },
    { capacity: 440, shards: [] },
    { capacity: 590, shards: [50] },
  ],
]

t.test('a slow machine gets back what it has just given away, again and again', async (t) => {
  for (const [i, machines] of UNEQUAL_MACHINES.entries()) {
    for (let seed = 1; seed <= 10; seed++) {
      const random = createRandom(seed)
      const bytes = machines.flatMap(({ shards }) => shards).map((kilobytes) => kilobytes * 1_000)
      const fleet = new Fleet(
        machines.map(({ shards }) => shards.length),
        (shard) => bytes[shard] ?? 0,
      )
      fleet.utilizationOf = (worker) => {
        const place = fleet.workers.indexOf(worker)
        const busy = (fleet.loads()[place] ?? 0) / (machines[place]?.capacity ?? 1) / 1_000
        return Math.min(1, 0.05 + busy * (0.97 + random.next() * 0.06))
      }
      fleet.run(20 * MINUTE_MS)
      const settled = fleet.moves.length
      fleet.run(60 * MINUTE_MS)
      t.equal(fleet.moves.length, settled, `fleet ${i}, seed ${seed}`)
    }
  }
})

t.test('a busy worker gives its only lease, which keeps the next one as busy', async (t) => {
  const fleet = new Fleet([1, 0], () => 1_000_000)
  fleet.utilizationOf = (worker) => (fleet.leases[0]?.owner === worker ? 1 : 0)
  fleet.run(10 * MINUTE_MS)
  t.strictSame(fleet.moves, [])
})

t.test('one who joins soon after others have shared gets less than its part for minutes', async (t) => {
  const fleet = new Fleet([64])
  for (const worker of ['w1', 'w2']) {
    fleet.workers.push(worker)
    fleet.joinedAt.set(worker, fleet.now)
    fleet.run(MINUTE_MS / 2)
  }
  t.strictSame(
    fleet.counts().toSorted((a, b) => a - b),
    [21, 21, 22],
  )
})

t.test('a worker without time to spare keeps all it has, while another idles', async (t) => {
  const fleet = new Fleet([4, 4], () => 100_000)
  fleet.utilizationOf = (worker) => (worker === 'w0' ? 1 : 0.2)
  t.match(fleet.plan(), [{ from: 'w0', to: 'w1' }])
  fleet.utilizationOf = () => 1
  t.strictSame(fleet.plan(), [], 'when all are busy nobody gives')
})

t.test('a lease moves to a worker that is gone, or again while it is on its way', async (t) => {
  const fleet = new Fleet([4, 0])
  for (const lease of fleet.leases) lease.isMoving = true
  t.strictSame(fleet.plan(), [])
  fleet.workers.length = 1
  t.strictSame(fleet.plan(), [])
})
