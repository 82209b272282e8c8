import {
  type ConsumerDescription,
  ResourceInUseException,
  ResourceNotFoundException,
  type SubscribeToShardEvent,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis'
import { connectionReset, type Network } from './network.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedShard } from './simulated-stream.ts'

const REFUSED = { $metadata: { httpStatusCode: 400 } }
const BECOMES_ACTIVE_MS = 2_000
/** A shard is not subscribed to again so soon; after that the new subscriber gets it and the old one is cut off. */
const EXCLUSIVE_MS = 5_000
/** An event comes so often, also when there are no records. */
const EVENT_MS = 5_000
/** Kinesis ends a subscription after 5 minutes: here sooner, as runs are short. */
const MAX_LIFE_MS = 40_000
const MAX_LATENCY_MS = 20

type Result = IteratorResult<SubscribeToShardEventStream, undefined>

/** The next event of a subscription; undefined when there is nothing to tell, unless it is asked for all the same. */
export type NextEvent = (evenEmpty: boolean) => { event: SubscribeToShardEvent; isLast: boolean } | undefined

/** Enhanced fan-out: one registration, and one subscription a shard that holds until its connection breaks. */
export class SimulatedFanOut {
  readonly #scheduler: Scheduler
  readonly #network: Network
  readonly #random: Random
  readonly #subscriptions = new Map<string, Subscription>()
  #registeredAt: number | undefined

  constructor(options: { scheduler: Scheduler; network: Network; random: Random }) {
    this.#scheduler = options.scheduler
    this.#network = options.network
    this.#random = options.random
  }

  register(): ConsumerDescription {
    if (this.#registeredAt !== undefined)
      throw new ResourceInUseException({ message: 'registered', ...REFUSED })
    this.#registeredAt = this.#scheduler.now()
    return this.describe()
  }

  describe(): ConsumerDescription {
    if (this.#registeredAt === undefined)
      throw new ResourceNotFoundException({ message: 'no consumer', ...REFUSED })
    const isActive = this.#scheduler.now() - this.#registeredAt >= BECOMES_ACTIVE_MS
    return {
      ConsumerName: 'simulated',
      ConsumerARN: 'arn:simulated',
      ConsumerStatus: isActive ? 'ACTIVE' : 'CREATING',
      ConsumerCreationTimestamp: undefined,
      StreamARN: 'arn:aws:kinesis:::stream/simulated',
    }
  }

  subscribe(
    process: SimulatedProcess,
    shard: SimulatedShard,
    nextEvent: NextEvent,
    signal: AbortSignal | undefined,
  ): AsyncIterable<SubscribeToShardEventStream> {
    const before = this.#subscriptions.get(shard.shardId)
    if (before !== undefined && !before.isOver && this.#scheduler.now() - before.startedAt < EXCLUSIVE_MS) {
      throw new ResourceInUseException({ message: 'subscribed to by another', ...REFUSED })
    }
    before?.cut()
    const subscription = new Subscription({
      scheduler: this.#scheduler,
      network: this.#network,
      random: this.#random,
      process,
      shard,
      nextEvent,
    })
    this.#subscriptions.set(shard.shardId, subscription)
    signal?.addEventListener('abort', () => subscription.cut(), { once: true })
    return { [Symbol.asyncIterator]: () => ({ next: () => subscription.next() }) }
  }
}

type SubscriptionOptions = {
  scheduler: Scheduler
  network: Network
  random: Random
  process: SimulatedProcess
  shard: SimulatedShard
  nextEvent: NextEvent
}

type PendingEvent = {
  resolve: (result: Result) => void
  reject: (error: unknown) => void
  callOff: () => void
}

class Subscription {
  readonly startedAt: number
  isOver = false
  readonly #options: SubscriptionOptions
  readonly #endsAt: number
  #pending: PendingEvent | undefined

  constructor(options: SubscriptionOptions) {
    this.#options = options
    this.startedAt = options.scheduler.now()
    this.#endsAt = this.startedAt + options.random.int(EXCLUSIVE_MS, MAX_LIFE_MS)
    options.shard.readers.add(this.#wake)
  }

  next(): Promise<Result> {
    const { network, scheduler } = this.#options
    return new Promise((resolve, reject) => {
      if (this.isOver) return reject(connectionReset())
      const callOff = scheduler.after(EVENT_MS, () => this.#tell(true))
      this.#pending = { resolve, reject, callOff }
      const fate = network.drawFate()
      // Nothing comes any more, and the connection stays open.
      if (fate === 'hanging') callOff()
      else if (fate === 'unsent' || fate === 'unanswered') this.cut()
      else this.#tell(false)
    })
  }

  /** The connection breaks, or is closed by either side. */
  cut(): void {
    this.#end((pending) => pending.reject(connectionReset()))
  }

  readonly #wake = () => this.#tell(false)

  #tell(evenEmpty: boolean): void {
    const { network, nextEvent, process, random, scheduler } = this.#options
    if (this.#pending === undefined || this.isOver) return
    if (network.isDown) return this.cut()
    if (scheduler.now() >= this.#endsAt) return this.#end((pending) => pending.resolve(DONE))
    const next = nextEvent(evenEmpty)
    if (next === undefined) return undefined
    const { resolve, callOff } = this.#pending
    this.#pending = undefined
    callOff()
    if (next.isLast) this.cut()
    const value = { SubscribeToShardEvent: next.event }
    return process.receive(random.int(1, MAX_LATENCY_MS), () => resolve({ done: false, value }))
  }

  #end(settle: (pending: PendingEvent) => void): void {
    const { process, shard, random } = this.#options
    this.isOver = true
    shard.readers.delete(this.#wake)
    const pending = this.#pending
    this.#pending = undefined
    pending?.callOff()
    if (pending !== undefined) process.receive(random.int(1, MAX_LATENCY_MS), () => settle(pending))
  }
}

const DONE: Result = { done: true, value: undefined }
