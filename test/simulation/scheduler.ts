type Event = { at: number; order: number; run: () => void }

/**
 * Simulated time. Events happen one by one, in the order of their times and, at one time, in that of their making;
 * whatever an event sets going without waiting for time (promises) has come to rest before the next one happens. So a
 * run depends on nothing but what is scheduled.
 */
export class Scheduler {
  readonly #heap: Event[] = []
  #now: number
  #made = 0
  /** How many have happened. */
  events = 0

  constructor(startMs: number) {
    this.#now = startMs
  }

  /** Milliseconds; may be broken. */
  now(): number {
    return this.#now
  }

  /** Returns a function that calls the event off. */
  at(time: number, run: () => void): () => void {
    const event: Event = { at: Math.max(time, this.#now), order: this.#made++, run }
    push(this.#heap, event)
    return () => {
      event.run = nothing
    }
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.#now + ms, run)
  }

  /** Goes on until `isOver`, which is asked after each event, or until nothing is left to happen. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          if (isOver()) return resolve()
          let event = pop(this.#heap)
          while (event?.run === nothing) event = pop(this.#heap)
          if (event === undefined) return resolve()
          this.#now = event.at
          this.events++
          event.run()
        } catch (error) {
          return reject(error)
        }
        // Promises are settled in microtasks, all of which run before the next turn of the event loop.
        setImmediate(step)
      }
      step()
    })
  }
}

/** What an event that was called off does. */
function nothing(): void {}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Event[], event: Event): void {
  let index = heap.length
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(event, heap[parent] as Event)) break
    heap[index] = heap[parent] as Event
    index = parent
  }
  heap[index] = event
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
    if (!isBefore(heap[child] as Event, last)) break
    heap[index] = heap[child] as Event
    index = child
  }
  heap[index] = last
  return first
}
