import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Ports that were given out by this process, so that two parts never get the same one. */
const taken = new Set<number>()

/** The wanted port of loopback, or a free one when somebody has it. With 0: any free one. */
export async function choosePort(wanted: number): Promise<number> {
  const isWantedFree = wanted !== 0 && !taken.has(wanted) && (await isFree(wanted))
  const port = isWantedFree ? wanted : await anyFreePort()
  taken.add(port)
  return port
}

/** Below those that systems give to outgoing connections: one of them could take the port before its part does. */
const FREE_PORTS = { from: 20_000, to: 32_000 }

async function anyFreePort(): Promise<number> {
  while (true) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.to)
    if (!taken.has(port) && (await isFree(port))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
