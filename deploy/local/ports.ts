import { type AddressInfo, createServer } from 'node:net'

/** Ports that were given out by this process, so that two parts never get the same one. */
const taken = new Set<number>()

/** The wanted port of loopback, or a free one when somebody has it. With 0: any free one. */
export async function choosePort(wanted: number): Promise<number> {
  const port = (wanted !== 0 && !taken.has(wanted) && (await tryPort(wanted))) || (await anyFreePort())
  taken.add(port)
  return port
}

async function anyFreePort(): Promise<number> {
  while (true) {
    const port = await tryPort(0)
    if (port !== undefined && !taken.has(port)) return port
  }
}

/** The port that could be opened, if it could. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => {
      const opened = (server.address() as AddressInfo).port
      server.close(() => resolve(opened))
    })
  })
}
