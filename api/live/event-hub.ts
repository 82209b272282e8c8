import { PassThrough, type Readable } from 'node:stream'
import { type AccidentPosition, renderAccidents, renderState } from './event-frames.ts'
import type { Snapshots } from './snapshot-loop.ts'
import type { Snapshot } from './snapshot-reader.ts'

/** Below the 60 s after which a load balancer closes an idle connection. */
const HEARTBEAT_MS = 15_000
const RECONNECT_AFTER_MS = 2_000

type Client = { stream: PassThrough; position: AccidentPosition | undefined }

export type EventHub = {
  /** The text of an event stream that goes on after `position`; undefined when there are too many already. */
  connect(position: AccidentPosition | undefined): Readable | undefined
  readonly size: number
  close(): void
}

/**
 * Sends each snapshot to every client; what is the same for several is rendered once. A client that does not keep up
 * misses states, which the next one replaces, but no accident: it goes on from its own position.
 */
export function createEventHub(
  snapshots: Snapshots,
  { maxClients, onRefused }: { maxClients: number; onRefused?: () => void },
): EventHub {
  const clients = new Set<Client>()
  let last: Rendering | undefined

  // Whoever comes between two snapshots shares the bytes of the last one: a hundred may come at once, after a restart.
  function render(snapshot: Snapshot): Rendering {
    if (last?.snapshot !== snapshot) last = new Rendering(snapshot)
    return last
  }

  const unsubscribe = snapshots.subscribe((snapshot) => {
    if (clients.size === 0) return
    const rendering = render(snapshot)
    for (const client of clients) send(client, rendering)
  })
  const heartbeat = setInterval(() => {
    for (const client of clients) client.stream.write(':\n\n')
  }, HEARTBEAT_MS)

  return {
    connect(position) {
      if (clients.size >= maxClients) {
        onRefused?.()
        return undefined
      }
      const client: Client = { stream: new PassThrough(), position }
      clients.add(client)
      client.stream.once('close', () => clients.delete(client))
      client.stream.write(`retry: ${RECONNECT_AFTER_MS}\n\n`)
      const snapshot = snapshots.latest()
      if (snapshot !== undefined) send(client, render(snapshot))
      return client.stream
    },
    get size() {
      return clients.size
    },
    close() {
      clearInterval(heartbeat)
      unsubscribe()
      for (const client of clients) client.stream.end()
    },
  }
}

function send(client: Client, rendering: Rendering): void {
  if (client.stream.writableNeedDrain) return
  client.stream.write(rendering.state)
  const accidents = rendering.accidentsAfter(client.position)
  if (accidents === undefined) return
  client.stream.write(accidents.bytes)
  client.position = accidents.position
}

type AccidentsBatch = { bytes: Buffer; position: AccidentPosition }

/** One snapshot as bytes for any number of clients. Most are at the same position, so batches are kept by it. */
class Rendering {
  readonly state: Buffer
  readonly snapshot: Snapshot
  readonly #batches = new Map<string, AccidentsBatch | undefined>()

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot
    this.state = Buffer.from(renderState(snapshot))
  }

  accidentsAfter(position: AccidentPosition | undefined): AccidentsBatch | undefined {
    if (this.snapshot.live === undefined) return undefined
    const key = position === undefined ? '' : `${position.feed}/${position.streamId}`
    if (!this.#batches.has(key)) {
      const batch = renderAccidents(this.snapshot.live.accidents, position)
      this.#batches.set(key, batch && { bytes: Buffer.from(batch.text), position: batch.position })
    }
    return this.#batches.get(key)
  }
}
