import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const TICK_MS = 2
const STATUS = Buffer.from('HTTP/1.1 ')
const OK = Buffer.from('HTTP/1.1 200')

export type Target = { port: number; paths: readonly string[] }

/**
 * Requests at a steady pace, whether or not the answers keep up: each latency counts from the moment its request was due,
 * so that a server that stands still cannot hide it. In milliseconds, sorted.
 */
export async function loadAtRate(
  target: Target,
  options: { perSecond: number; seconds: number; connections: number },
): Promise<number[]> {
  const latencies: number[] = []
  const connections = await openConnections(target, options.connections)
  const total = options.perSecond * options.seconds
  const startedAt = performance.now()
  for (let sent = 0; sent < total; await delay(TICK_MS)) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * options.perSecond))
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent / options.perSecond) * 1_000
      const connection = connections[sent % connections.length]
      const path = target.paths[sent % target.paths.length] ?? '/'
      connection?.send(path, () => latencies.push(performance.now() - dueAt))
    }
  }
  while (latencies.length < total) await delay(TICK_MS)
  for (const connection of connections) connection.close()
  return latencies.toSorted((a, b) => a - b)
}

/** As many requests as the server answers, one at a time on each connection. Gives how many a second. */
export async function loadAtWill(
  target: Target,
  options: { seconds: number; connections: number },
): Promise<number> {
  let answered = 0
  let isOver = false
  const connections = await openConnections(target, options.connections)
  const startedAt = performance.now()
  const runs = connections.map(
    (connection, index) =>
      new Promise<void>((resolve) => {
        let sent = index
        const next = () => {
          answered++
          if (isOver) resolve()
          else connection.send(target.paths[sent++ % target.paths.length] ?? '/', next)
        }
        connection.send(target.paths[sent++ % target.paths.length] ?? '/', next)
      }),
  )
  await delay(options.seconds * 1_000)
  const perSecond = answered / ((performance.now() - startedAt) / 1_000)
  isOver = true
  await Promise.all(runs)
  for (const connection of connections) connection.close()
  return perSecond
}

type Connection = { send(path: string, onAnswered: () => void): void; close(): void }

function openConnections(target: Target, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(target)))
}

/** A client that costs next to nothing: it writes requests as bytes, and counts the first lines of answers. */
async function openConnection({ port }: Target): Promise<Connection> {
  const socket = await open(port)
  const waiting: (() => void)[] = []
  let tail: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk])
    let at = bytes.indexOf(STATUS)
    for (; at >= 0 && at + OK.length <= bytes.length; at = bytes.indexOf(STATUS, at + OK.length)) {
      if (bytes.compare(OK, 0, OK.length, at, at + OK.length) !== 0) {
        throw new Error(`answered ${bytes.subarray(at, at + 40).toString()}`)
      }
      waiting.shift()?.()
    }
    // An answer may begin at the end of what has come.
    tail = at >= 0 ? bytes.subarray(at) : bytes.subarray(Math.max(bytes.length - OK.length + 1, 0))
  })
  return {
    send(path, onAnswered) {
      waiting.push(onAnswered)
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
    },
    close: () => socket.destroy(),
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
