import { RoadpulseError } from '../../lib/errors.ts'
import type { Lease, LeaseStore } from '../../lib/kinesis/lease-store.ts'
import type { LeaseStoreModel } from './lease-store-model.ts'
import type { Network } from './network.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Trace } from './trace.ts'
import type { Witness } from './witness.ts'

/** Messages are no calls: they come, or they do not. */
const MESSAGE_MS = 1

/** The lease store as one process sees it, over a network that loses calls, answers and messages. */
export function createLossyStore(options: {
  model: LeaseStoreModel
  process: SimulatedProcess
  network: Network
  witness: Witness
  trace: Trace
  storeNow: () => number
}): LeaseStore {
  const { model, process, network, witness, trace } = options

  function call<T>(what: string, epochs: readonly Lease[], serve: () => T): Promise<T> {
    const cause = {
      worker: process.name,
      epochs: new Map(epochs.map(({ shardId, epoch }) => [shardId, epoch])),
    }
    return network.call(process, () => {
      const answer = serve()
      trace.add('store', `${what} by ${process.name}`, answer)
      witness.storeCalled(cause, model.leases, options.storeNow())
      return answer
    })
  }

  return {
    async bindStream(stream) {
      const bound = await call('bindStream', [], () => model.bindStream(stream))
      if (bound !== stream) throw new RoadpulseError('CONFIGURATION', `bound to ${bound}`)
    },
    readCheckpoints: () => call('readCheckpoints', [], () => model.readCheckpoints()),
    takeTurn: (task, forMs) => call('takeTurn', [], () => model.takeTurn(task, forMs)),
    markRebuilt: () => call('markRebuilt', [], () => undefined),
    create: (leases) => call('create', [], () => model.create(leases)),
    forget: (shardIds) => call('forget', [], () => model.forget(shardIds)),
    acquire: (worker, held, ttlMs) => call('acquire', [], () => model.acquire(worker, held, ttlMs)),
    renew: (worker, held, renewal) => call('renew', held, () => model.renew(worker, held, renewal)),
    readLoads: () => call('readLoads', [], () => model.readLoads()),
    handOff: (worker, leases, deadlineMs) =>
      call('handOff', leases, () => model.handOff(worker, leases, deadlineMs)),
    checkpoint: (worker, marks) => call('checkpoint', marks, () => model.checkpoint(worker, marks)),
    complete: (worker, lease, children) =>
      call('complete', [lease], () => model.complete(worker, lease, children)),
    release: (worker, leases) => call('release', leases, () => model.release(worker, leases)),
    async subscribe(listener) {
      const unsubscribe = model.subscribe(() => {
        if (!network.isDown) process.receive(MESSAGE_MS, listener)
      })
      return async () => unsubscribe()
    },
  }
}
