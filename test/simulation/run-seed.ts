import { Chaos } from './chaos.ts'
import { World } from './world.ts'

/** After the last fault. A lease that a store forgot is made again by the next look at the stream, in up to 90 s. */
const SETTLES_WITHIN_MS = 180_000
const STOPS_WITHIN_MS = 20_000

export type Run = {
  seed: number
  /** The first promise that the library broke. */
  broken: string | undefined
  trace: string[]
  events: number
  simulatedMs: number
}

/** One run of the real consumers over simulated time, all of it drawn from `seed`. `lastEvents`: of its trace. */
export async function runSeed(seed: number, lastEvents?: number): Promise<Run> {
  const world = new World(seed)
  const { scheduler, witness, fleet } = world
  const startedAt = scheduler.now()
  const chaos = new Chaos(world)
  const isBroken = () => witness.broken !== undefined

  await scheduler.run(() => isBroken() || scheduler.now() >= chaos.endsAt)
  await scheduler.run(() => {
    if (scheduler.now() > chaos.endsAt + SETTLES_WITHIN_MS)
      witness.break('it does not come to rest after the faults')
    return isBroken() || witness.isSettled()
  })
  for (const worker of fleet.running) void fleet.stop(worker)
  const giveUpAt = scheduler.now() + STOPS_WITHIN_MS
  await scheduler.run(() => {
    if (scheduler.now() > giveUpAt) witness.break('the workers do not stop')
    return isBroken() || fleet.workers.every(({ state }) => state === 'gone')
  })
  return {
    seed,
    broken: witness.broken,
    trace: world.trace.lines(lastEvents),
    events: scheduler.events,
    simulatedMs: scheduler.now() - startedAt,
  }
}
