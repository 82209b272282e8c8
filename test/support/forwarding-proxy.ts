import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** One request that came to the proxy, whole. */
export type Forwarded = {
  incoming: IncomingMessage
  body: Buffer
  response: ServerResponse
  /** Asks the target, and gives its answer to the caller unless `onAnswer` takes it. */
  forward: (onAnswer?: (answer: IncomingMessage) => boolean) => void
}

/** Stands between a caller and a service on loopback; `handle` says what becomes of each request. Gives its address. */
export async function startForwardingProxy(
  t: Test,
  target: string,
  handle: (request: Forwarded) => void,
): Promise<string> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const forward: Forwarded['forward'] = (onAnswer) => {
        const outgoing = request(
          target + (incoming.url ?? '/'),
          { method: incoming.method, headers: incoming.headers },
          (answer) => {
            if (onAnswer?.(answer) === true) return
            response.writeHead(answer.statusCode ?? 500, answer.headers)
            answer.pipe(response)
          },
        )
        outgoing.on('error', () => response.destroy())
        outgoing.end(body)
      }
      handle({ incoming, body, response, forward })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
