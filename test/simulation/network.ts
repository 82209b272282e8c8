import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** What may become of a call, as shares of all calls; the rest goes well. */
export type Weather = {
  /** The connection breaks before the request arrives. */
  unsent: number
  /** It was done, and the answer is lost: the caller gets an error. */
  unanswered: number
  /** The caller gets an error, and it is done later all the same. */
  late: number
  /** It is done, the answer is lost, the client sends it again by itself and gives its caller the second answer. */
  repeated: number
  /** It is done at once, and the answer takes its time. */
  slow: number
  /** No answer for a long time, then an error; done or not. */
  hanging: number
}

export const FAIR: Weather = { unsent: 0, unanswered: 0, late: 0, repeated: 0, slow: 0, hanging: 0 }

const MAX_LATENCY_MS = 8
const MAX_LATE_MS = 4_000
const MIN_SLOW_MS = 300
const MAX_SLOW_MS = 9_000
const MIN_HANG_MS = 2_000
const MAX_HANG_MS = 20_000
/** A refused connection is no answer either, but it comes at once. */
const REFUSED_MS = 2

/** The way between the processes and one server. */
export class Network {
  weather: Weather = FAIR
  #outages = 0
  /** What its callers see of an outage: an error at once, an error after a long time, or nothing until it is back. */
  failing: 'refuses' | 'hangs' | 'queues' = 'refuses'
  #waiting: (() => void)[] = []
  readonly #scheduler: Scheduler
  readonly #random: Random

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler
    this.#random = random
  }

  /** Nothing gets through: the server is gone, or a cable is. */
  get isDown(): boolean {
    return this.#outages > 0
  }

  /** Outages may overlap. */
  goDown(): void {
    this.#outages++
  }

  /** What clients have kept back is sent when the last outage is over, in order. */
  recover(): void {
    this.#outages--
    if (this.isDown) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const send of waiting) send()
  }

  /** `serve` happens at the server, whatever becomes of the caller meanwhile. */
  call<T>(caller: SimulatedProcess, serve: () => T, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(aborted())
    return new Promise((resolve, reject) => {
      const abort = () => reject(aborted())
      signal?.addEventListener('abort', abort, { once: true })
      const answer = (afterMs: number, settle: () => void) =>
        caller.receive(afterMs, () => {
          signal?.removeEventListener('abort', abort)
          settle()
        })
      this.#send(caller, serve, answer, resolve, reject)
    })
  }

  #send<T>(
    caller: SimulatedProcess,
    serve: () => T,
    answer: (afterMs: number, settle: () => void) => void,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void {
    const fail = (afterMs: number) => answer(afterMs, () => reject(connectionReset()))
    const refuse = () => {
      if (this.failing !== 'queues') return fail(this.failing === 'refuses' ? REFUSED_MS : this.#hangMs())
      this.#waiting.push(() => {
        if (!caller.isKilled) this.#send(caller, serve, answer, resolve, reject)
      })
    }
    if (this.isDown) return refuse()
    const fate = this.drawFate()
    if (fate === 'unsent') return fail(this.#latencyMs())
    if (fate === 'hanging') {
      if (this.#random.chance(0.5)) this.#arrive(this.#latencyMs(), serve)
      return fail(this.#hangMs())
    }
    if (fate === 'unanswered') {
      this.#arrive(this.#latencyMs(), serve)
      return fail(2 * MAX_LATENCY_MS)
    }
    if (fate === 'late') {
      this.#arrive(this.#random.int(1, MAX_LATE_MS), serve)
      return fail(this.#latencyMs())
    }
    if (fate === 'repeated') this.#arrive(this.#latencyMs(), serve)
    this.#scheduler.after(this.#latencyMs() + (fate === 'repeated' ? MAX_LATENCY_MS : 0), () => {
      // It went down while the request was on its way.
      if (this.isDown) return refuse()
      try {
        const value = serve()
        const slowMs = fate === 'slow' ? this.#random.int(MIN_SLOW_MS, MAX_SLOW_MS) : 0
        answer(this.#latencyMs() + slowMs, () => resolve(value))
      } catch (error) {
        answer(this.#latencyMs(), () => reject(error))
      }
    })
  }

  /** A request whose answer nobody gets. */
  #arrive(afterMs: number, serve: () => unknown): void {
    this.#scheduler.after(afterMs, () => {
      if (this.isDown) return
      try {
        serve()
      } catch (error) {
        if (!isAnswer(error)) throw error
      }
    })
  }

  drawFate(): keyof Weather | 'fair' {
    if (this.weather === FAIR) return 'fair'
    let draw = this.#random.next()
    for (const fate of Object.keys(this.weather) as (keyof Weather)[]) {
      draw -= this.weather[fate]
      if (draw < 0) return fate
    }
    return 'fair'
  }

  #latencyMs(): number {
    return this.#random.int(1, MAX_LATENCY_MS)
  }

  #hangMs(): number {
    return this.#random.int(MIN_HANG_MS, MAX_HANG_MS)
  }
}

/** Servers answer with errors of their own; anything else is a fault of the simulation, or a broken invariant. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && ('$metadata' in error || 'retryable' in error)
}

export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}

function aborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
