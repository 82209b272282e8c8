import { describeError } from '../../lib/errors.ts'
import { type Consumer, createConsumer } from '../../lib/kinesis/consumer.ts'
import type { ConsumerMetrics } from '../../lib/kinesis/consumer-metrics.ts'
import { createLossyStore } from './lossy-store.ts'
import { createSimulatedHandler } from './simulated-handler.ts'
import { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

export const STREAM = 'simulated'

/** After its start a worker has got its first heartbeats through. */
const SETTLED_IN_MS = 5_000
/** Far below a heartbeat: the next owners are told. */
const TAKEN_WITHIN_MS = 250

export type Worker = {
  process: SimulatedProcess
  consumer: Consumer
  startedAt: number
  state: 'running' | 'stopping' | 'gone'
}

/** The worker processes of one run. */
export class Fleet {
  readonly workers: Worker[] = []
  readonly #world: World
  #names = 0

  constructor(world: World) {
    this.#world = world
  }

  get running(): Worker[] {
    return this.workers.filter(({ state }) => state === 'running')
  }

  /** `name`: of a worker that is gone, as of a container that is started again. */
  start(name = `worker-${++this.#names}`): Worker {
    const world = this.#world
    const { scheduler, trace, witness, scenario, progress } = world
    const random = world.random.fork()
    const process = new SimulatedProcess(name, scheduler, random)
    const troubles = () => world.troubles
    const onHanging = (ms: number) => world.disturb(ms)
    const handler = createSimulatedHandler({ process, random, progress, witness, troubles, onHanging })
    const { model, storeNetwork: network, storeNow } = world
    const consumer = createConsumer({
      stream: STREAM,
      workerId: name,
      store: createLossyStore({ model, process, network, witness, trace, storeNow }),
      kinesis: world.kinesis.clientOf(process),
      ...handler,
      leaseTtlMs: scenario.leaseTtlMs,
      heartbeatMs: scenario.heartbeatMs,
      pollIntervalMs: scenario.pollIntervalMs,
      lanesPerShard: scenario.lanesPerShard,
      readAheadBytes: scenario.readAheadBytes,
      maxBatchRecords: scenario.maxBatchRecords,
      ...(scenario.fansOut ? { fanOutConsumer: 'simulated' } : {}),
      utilization: () => random.next(),
      clock: process.clock,
      random: () => random.next(),
      log: trace.logOf(name),
      metrics: NO_METRICS,
    })
    const worker: Worker = { process, consumer, startedAt: scheduler.now(), state: 'running' }
    this.workers.push(worker)
    trace.add(name, 'starts')
    const fail = (error: unknown) => witness.break(`${name} fails: ${describeError(error)}`)
    consumer.start(new AbortController().signal).catch(fail)
    consumer.done.catch(fail)
    return worker
  }

  kill(worker: Worker): void {
    worker.process.kill()
    worker.state = 'gone'
    this.#world.trace.add(worker.process.name, 'killed')
    this.#world.witness.died(worker.process.name)
  }

  /** Resolves once it has stopped; never when it is killed meanwhile. */
  async stop(worker: Worker): Promise<void> {
    const { name } = worker.process
    const { trace, witness, scheduler } = this.#world
    const isWell = this.#watch()
    const released = witness.ownedBy(name, worker.startedAt)
    worker.state = 'stopping'
    trace.add(name, 'is stopped')
    // A process that is stopped gets the signal when it goes on.
    await new Promise<void>((resolve) => worker.process.receive(0, resolve))
    await worker.consumer
      .stop()
      .catch((error: unknown) => witness.break(`${name} fails: ${describeError(error)}`))
    worker.state = 'gone'
    trace.add(name, 'has stopped')
    const left = witness.ownedBy(name, worker.startedAt)
    if (left.length > 0 && isWell())
      witness.break(`${name} has stopped and leaves the leases ${left.join(', ')}`)
    const takers = this.running.filter(
      ({ startedAt, consumer }) =>
        startedAt < scheduler.now() - SETTLED_IN_MS && consumer.status().state === 'running',
    )
    if (takers.length === 0) return
    scheduler.after(TAKEN_WITHIN_MS, () => {
      const late = witness.unowned(released)
      if (late.length === 0 || !isWell() || takers.some(({ state }) => state !== 'running')) return
      witness.break(`${name} has stopped, and nobody takes ${late.join(', ')} for ${TAKEN_WITHIN_MS} ms`)
    })
  }

  /** Returns what says whether all processes and the store have been well since this moment, and long enough before. */
  #watch(): () => boolean {
    const { disturbances, disturbedUntil, scheduler } = this.#world
    const wasDisturbed = scheduler.now() < disturbedUntil
    return () => !wasDisturbed && this.#world.disturbances === disturbances
  }
}

const ignore = () => {}
const NO_METRIC = { inc: ignore, set: ignore, clear: ignore, observe: ignore, labels: () => NO_METRIC }
const NO_METRICS = {
  counter: () => NO_METRIC,
  gauge: () => NO_METRIC,
  histogram: () => NO_METRIC,
  onScrape: ignore,
} as unknown as ConsumerMetrics
