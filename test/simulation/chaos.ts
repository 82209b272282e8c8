import { FAIR } from './network.ts'
import type { Random } from './random.ts'
import type { Fault } from './scenario.ts'
import { FAIR_MANNERS } from './simulated-kinesis.ts'
import type { World } from './world.ts'

const MAX_WORKERS = 5
const MAX_SHARDS = 10
const MAX_RESTART_MS = 4_000
/** Longer than any answer is hung up on: calls of a bad time may be that late. */
const AFTERMATH_MS = 25_000
const LOSSY = { unsent: 0.05, unanswered: 0.08, late: 0.04, repeated: 0.05, slow: 0.05, hanging: 0.02 }

/** Records, and faults among them, until the time of the scenario is over. */
export class Chaos {
  readonly endsAt: number
  readonly #world: World
  readonly #random: Random
  #isFailingOver = false

  constructor(world: World) {
    this.#world = world
    this.#random = world.random.fork()
    const { scheduler, scenario } = world
    this.endsAt = scheduler.now() + scenario.chaosMs
    for (let i = 0; i < scenario.workers; i++) {
      scheduler.after(this.#random.int(0, 1_500), () => world.fleet.start())
    }
    this.#often(1_000 / scenario.recordsPerSecond, () => this.#put())
    if (scenario.faults.length > 0) {
      this.#often(scenario.faultEveryMs, () => this.#strike(this.#random.pick(scenario.faults)))
    }
    scheduler.at(this.endsAt, () => {
      if (world.fleet.running.length === 0) world.fleet.start()
      world.kinesis.manners = { ...world.kinesis.manners, ...FAIR_MANNERS }
    })
  }

  /** At random, so often on average. */
  #often(meanMs: number, happen: () => void): void {
    const { scheduler } = this.#world
    const again = () => {
      const at = scheduler.now() - Math.log(1 - this.#random.next()) * meanMs
      if (at >= this.endsAt) return
      scheduler.at(at, () => {
        happen()
        again()
      })
    }
    again()
  }

  #put(): void {
    const { scenario, stream, progress } = this.#world
    const isAggregate = this.#random.chance(scenario.aggregates)
    const count = isAggregate ? this.#random.int(2, 5) : 1
    const keys = Array.from({ length: count }, () => this.#random.pick(scenario.partitionKeys))
    progress.put(stream.put(keys, () => this.#random.chance(scenario.poison)))
  }

  #strike(fault: Fault): void {
    const { fleet, stream, storeNetwork, kinesisNetwork, scenario, trace } = this.#world
    const random = this.#random
    trace.add('chaos', fault)
    switch (fault) {
      case 'pause': {
        const worker = fleet.workers.length === 0 ? undefined : random.pick(fleet.workers)
        const ms = random.int(100, 3 * scenario.leaseTtlMs)
        this.#world.disturb(ms + AFTERMATH_MS)
        return worker?.process.pause(ms)
      }
      case 'kill': {
        const worker = fleet.running.at(random.int(0, MAX_WORKERS))
        if (worker === undefined) return undefined
        fleet.kill(worker)
        this.#world.disturb(2 * scenario.leaseTtlMs)
        return this.#restart(random.chance(0.5) ? worker.process.name : undefined)
      }
      case 'stop': {
        const worker = fleet.running.at(random.int(0, MAX_WORKERS))
        if (worker === undefined) return undefined
        void fleet.stop(worker)
        return this.#restart()
      }
      case 'join':
        return fleet.running.length < MAX_WORKERS ? void fleet.start() : undefined
      case 'split':
        return stream.shards.size < MAX_SHARDS ? stream.split(random.pick(stream.openShards)) : undefined
      case 'merge': {
        const all = stream.openShards.sort((a, b) => (a.startingHash < b.startingHash ? -1 : 1))
        if (all.length < 2 || stream.shards.size >= MAX_SHARDS) return undefined
        return stream.merge(random.pick(all.slice(0, -1)))
      }
      case 'store unreachable':
        storeNetwork.failing = random.pick(['refuses', 'hangs', 'queues'] as const)
        storeNetwork.goDown()
        return this.#until(random.int(200, 2 * scenario.leaseTtlMs), () => storeNetwork.recover(), 'store')
      case 'store fails over':
        return this.#failOver()
      case 'store emptied':
        return this.#forget(() => this.#world.model.clear())
      case 'store lossy':
        storeNetwork.weather = LOSSY
        return this.#until(random.int(1_000, 8_000), () => (storeNetwork.weather = FAIR), 'store')
      case 'kinesis unreachable':
        kinesisNetwork.failing = random.pick(['refuses', 'hangs'] as const)
        kinesisNetwork.goDown()
        return this.#until(random.int(200, 8_000), () => kinesisNetwork.recover())
      case 'kinesis lossy':
        kinesisNetwork.weather = LOSSY
        return this.#until(random.int(1_000, 8_000), () => (kinesisNetwork.weather = FAIR))
      default:
        return this.#trouble(fault)
    }
  }

  #trouble(
    fault: 'handlers slow' | 'handlers hang' | 'handlers fail' | 'dependency down' | 'dead letters down',
  ): void {
    const trouble = {
      'handlers slow': ['slow', 0.3, 0],
      'handlers hang': ['hanging', 0.05, 0],
      'handlers fail': ['failing', 0.4, 0],
      'dependency down': ['isDependencyDown', true, false],
      'dead letters down': ['areDeadLettersDown', true, false],
    } as const
    const [name, bad, good] = trouble[fault]
    const world = this.#world
    world.troubles = { ...world.troubles, [name]: bad }
    this.#until(this.#random.int(500, 8_000), () => {
      world.troubles = { ...world.troubles, [name]: good }
    })
  }

  /** A replica takes over that lacks the newest writes, and whose clock is another's. */
  #failOver(): void {
    const { scheduler, model } = this.#world
    const replica = model.snapshot()
    scheduler.after(this.#random.pick([0, 100, 1_000, 4_000]), () =>
      this.#forget(() => model.restore(replica)),
    )
  }

  /** While it is down the clock of the new server catches up: epochs that were lost must lie in its past. */
  #forget(forget: () => void): void {
    if (this.#isFailingOver) return
    this.#isFailingOver = true
    const world = this.#world
    const skewMs = this.#random.pick([-1_500, 0, 1_500])
    forget()
    world.trace.add('store', 'has forgotten', { skewMs })
    world.witness.storeForgot(world.model.leases)
    const downMs = this.#random.int(1, 1_000) + Math.max(0, world.storeSkewMs - skewMs)
    world.storeSkewMs = skewMs
    world.storeNetwork.goDown()
    world.disturb(downMs + AFTERMATH_MS)
    world.scheduler.after(downMs, () => {
      this.#isFailingOver = false
      world.storeNetwork.recover()
      world.witness.storeForgot(world.model.leases)
    })
  }

  #restart(name?: string): void {
    const { scheduler, fleet } = this.#world
    const at = Math.min(scheduler.now() + this.#random.int(0, MAX_RESTART_MS), this.endsAt - 1)
    scheduler.at(at, () => fleet.start(name))
  }

  /** Ends something that has begun, at the latest when all faults end. */
  #until(ms: number, end: () => void, what?: 'store'): void {
    const { scheduler } = this.#world
    scheduler.at(Math.min(scheduler.now() + ms, this.endsAt), end)
    if (what === 'store') this.#world.disturb(ms + AFTERMATH_MS)
  }
}
