import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import type { Run } from './run-seed.ts'
import type { SeedsOrder } from './seeds-thread.ts'

const SEEDS = 2_000
/** Of the trace of a run that failed. The whole of it is shown when its seed runs alone. */
const EVENTS_SHOWN = 40
const FAILURES_SHOWN = 3
const THREADS = Math.min(2, availableParallelism())

if (process.env.SEED === undefined) {
  t.test('a run breaks what the library promises, whatever fails meanwhile', async (t) => {
    const count = Number(process.env.SEEDS ?? SEEDS)
    const seeds = Array.from({ length: count }, (_seed, i) => i + 1)
    const shares = Array.from({ length: THREADS }, (_share, i) =>
      seeds.filter((seed) => seed % THREADS === i),
    )
    const broken = await Promise.all(
      shares.map((share) => runInThread({ seeds: share, send: 'broken', lastEvents: EVENTS_SHOWN })),
    )
    const runs = broken.flat().sort((a, b) => a.seed - b.seed)
    for (const run of runs.slice(0, FAILURES_SHOWN)) report(run)
    t.strictSame(
      runs.map((run) => `seed ${run.seed}: ${run.broken}`),
      [],
      `${count} seeds`,
    )
  })

  t.test('the same seed runs in another way the second time', async (t) => {
    const seeds = [1, 2, 3, 4, 5, 6]
    const twice = await Promise.all([1, 2].map(() => runInThread({ seeds, send: 'all' })))
    const [first, second] = twice.map((runs) => runs.map((run) => run.trace))
    t.equal(first?.length, seeds.length)
    t.strictSame(first, second)
  })
} else {
  t.test(`seed ${process.env.SEED}`, async (t) => {
    const [run] = await runInThread({ seeds: [Number(process.env.SEED)], send: 'all' })
    if (run !== undefined) report(run)
    t.equal(run?.broken, undefined)
  })
}

function report({ seed, broken, trace }: Run): void {
  t.comment(`seed ${seed}: ${broken ?? 'all promises kept'}; its last events:`)
  for (const line of trace) t.comment(line)
  t.comment(`run it again: SEED=${seed} npx tap test/simulation/simulation.test.ts`)
}

function runInThread(order: SeedsOrder): Promise<Run[]> {
  const thread = new Worker(new URL('./seeds-thread.ts', import.meta.url), { workerData: order })
  const runs: Run[] = []
  thread.on('message', (run: Run) => runs.push(run))
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', () => resolve(runs))
  })
}
