import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Each snapshot begins with the fleet, and that with the moment at which its reading began. */
const MARK = Buffer.from('event: fleet\ndata: {"asOf":"')
const TIME_LENGTH = '2026-01-01T00:00:00.000Z'.length

export type Deliveries = { latenciesMs: number[]; updatesPerSecondAndClient: number }

/**
 * So many clients of `/events` for a while: how long each update took from the moment the api began to read it to the
 * moment it was here, in milliseconds, sorted. What comes first, all accidents that are held, is not counted.
 */
export async function listen(
  port: number,
  options: { clients: number; warmUpSeconds: number; seconds: number },
): Promise<Deliveries> {
  const latenciesMs: number[] = []
  let isMeasuring = false
  const sockets = await Promise.all(
    Array.from({ length: options.clients }, () =>
      openStream(port, (asOf) => {
        if (isMeasuring) latenciesMs.push(Date.now() - asOf)
      }),
    ),
  )
  await delay(options.warmUpSeconds * 1_000)
  isMeasuring = true
  await delay(options.seconds * 1_000)
  for (const socket of sockets) socket.destroy()
  latenciesMs.sort((a, b) => a - b)
  return { latenciesMs, updatesPerSecondAndClient: latenciesMs.length / options.clients / options.seconds }
}

function openStream(port: number, onUpdate: (asOf: number) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write('GET /events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
      resolve(socket)
    })
    socket.once('error', reject)
    let tail: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      const bytes = Buffer.concat([tail, chunk])
      const at = bytes.lastIndexOf(MARK)
      const timeAt = at + MARK.length
      if (at >= 0 && timeAt + TIME_LENGTH <= bytes.length) {
        onUpdate(Date.parse(bytes.toString('latin1', timeAt, timeAt + TIME_LENGTH)))
        tail = Buffer.alloc(0)
      } else {
        tail = at >= 0 ? bytes.subarray(at) : bytes.subarray(Math.max(bytes.length - MARK.length + 1, 0))
      }
    })
  })
}
