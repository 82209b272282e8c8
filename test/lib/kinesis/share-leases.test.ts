import t from 'tap'
import { leasesToGive } from '../../../lib/kinesis/share-leases.ts'

/** What each worker holds, and who of them should give one. */
const CASES: [held: number[], givers: number[]][] = [
  [[4], []],
  [[2, 2], []],
  [[4, 0], [0]],
  [[3, 1], [0]],
  [
    [2, 2, 0],
    [0, 1],
  ],
  [[2, 1, 1], []],
  [[3, 1, 0], [0]],
  [[1, 1, 1, 1, 0, 0], []],
  [[3, 3, 2], []],
  [[1, 0], []],
  [[0, 0, 0], []],
]

t.test('leases move although they are spread evenly, or stay although they are not', async (t) => {
  for (const [held, givers] of CASES) {
    const active = held.reduce((sum, count) => sum + count, 0)
    const givesOne = held.flatMap((mine, worker) => {
      const others = held.filter((_, other) => other !== worker)
      return leasesToGive({ active, mine, others }) === 1 ? [worker] : []
    })
    t.strictSame(givesOne, givers, held.join(' '))
  }
})

t.test('two workers pass leases to each other for ever', async (t) => {
  for (let workers = 1; workers <= 6; workers++) {
    for (let active = 0; active <= 20; active++) {
      const held = Array.from({ length: workers }, (_, worker) => (worker === 0 ? active : 0))
      let moves = 0
      for (; moves <= active; moves++) {
        const giver = held.findIndex(
          (mine, worker) => leasesToGive({ active, mine, others: held.toSpliced(worker, 1) }) === 1,
        )
        if (giver === -1) break
        const taker = held.indexOf(Math.min(...held))
        held[giver] = (held[giver] ?? 0) - 1
        held[taker] = (held[taker] ?? 0) + 1
      }
      t.ok(
        Math.max(...held) - Math.min(...held) <= 1,
        `${active} on ${workers}: ${held.join(' ')} after ${moves} moves`,
      )
    }
  }
})
