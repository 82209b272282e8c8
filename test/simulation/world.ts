import { Fleet } from './fleet.ts'
import { LeaseStoreModel } from './lease-store-model.ts'
import { Network } from './network.ts'
import { Progress } from './progress.ts'
import { createRandom, type Random } from './random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedFanOut } from './simulated-fan-out.ts'
import { type HandlerTroubles, NO_TROUBLES } from './simulated-handler.ts'
import { SimulatedKinesis } from './simulated-kinesis.ts'
import { SimulatedStream } from './simulated-stream.ts'
import { Trace } from './trace.ts'
import { Witness } from './witness.ts'

const START_MS = 1_700_000_000_000

/** Everything that one run is made of. */
export class World {
  readonly random: Random
  readonly scenario: Scenario
  readonly scheduler = new Scheduler(START_MS)
  readonly trace: Trace
  readonly stream: SimulatedStream
  readonly progress: Progress
  readonly witness: Witness
  readonly model: LeaseStoreModel
  readonly storeNetwork: Network
  readonly kinesisNetwork: Network
  readonly kinesis: SimulatedKinesis
  readonly fleet: Fleet
  troubles: HandlerTroubles = NO_TROUBLES
  /** How far the clock of the store's server is off; it changes with the server. */
  storeSkewMs = 0
  /** Counts what may keep a stop from being a clean one, and says how long the last of it may be felt. */
  disturbances = 0
  disturbedUntil = 0

  constructor(seed: number) {
    this.random = createRandom(seed)
    this.scenario = drawScenario(this.random.fork())
    const { scheduler, scenario } = this
    const now = () => scheduler.now()
    this.trace = new Trace(() => scheduler.now() - START_MS)
    this.stream = new SimulatedStream(scenario.shards, now)
    this.progress = new Progress(this.stream)
    this.witness = new Witness({
      progress: this.progress,
      trace: this.trace,
      now,
      ttlMs: scenario.leaseTtlMs,
      lanesPerShard: scenario.lanesPerShard,
      isUndisturbed: () => this.disturbances === 0,
    })
    this.model = new LeaseStoreModel(this.storeNow)
    this.storeNetwork = new Network(scheduler, this.random.fork())
    this.kinesisNetwork = new Network(scheduler, this.random.fork())
    this.kinesis = new SimulatedKinesis({
      stream: this.stream,
      network: this.kinesisNetwork,
      manners: scenario.manners,
      now,
      fanOut: new SimulatedFanOut({ scheduler, network: this.kinesisNetwork, random: this.random.fork() }),
      random: this.random.fork(),
    })
    this.fleet = new Fleet(this)
  }

  /** Epoch ms by the clock of the store's server. */
  readonly storeNow = (): number => Math.floor(this.scheduler.now() + this.storeSkewMs)

  /** Something happens that may keep a stop from being a clean one, and is felt for so long. */
  disturb(ms: number): void {
    this.disturbances++
    this.disturbedUntil = Math.max(this.disturbedUntil, this.scheduler.now() + ms)
  }
}
