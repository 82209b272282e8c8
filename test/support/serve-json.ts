import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'

export type JsonAnswer = { status: number; body: unknown }

/** A server of the test's own that answers JSON with JSON, and its address. A request without a body has an empty one. */
export async function serveJson(
  t: Test,
  answer: (request: IncomingMessage, body: object) => JsonAnswer,
): Promise<string> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const given = (await json(request).catch(() => ({}))) as object
    const { status, body } = answer(request, given)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
