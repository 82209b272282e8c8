import { parentPort, workerData } from 'node:worker_threads'
import { forbidRealTime } from './forbid-real-time.ts'
import { runSeed } from './run-seed.ts'

/** What a thread is given: its seeds, and which runs it is to send back. */
export type SeedsOrder = { seeds: readonly number[]; send: 'all' | 'broken'; lastEvents?: number }

const { seeds, send, lastEvents } = workerData as SeedsOrder
forbidRealTime()
for (const seed of seeds) {
  const run = await runSeed(seed, lastEvents)
  if (send === 'all' || run.broken !== undefined) parentPort?.postMessage(run, [])
}
