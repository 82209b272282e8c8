import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { NodeHttpHandler } from '@smithy/node-http-handler'

const REQUEST_TIMEOUT_MS = 10_000
const CONNECTION_TIMEOUT_MS = 3_000

/** HTTP/1.1 over connections that are kept, with an end to waiting. */
export function createHttpHandler(): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: 50 }
  return new NodeHttpHandler({
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Without this the handler only warns, and a server that hangs is waited for without end.
    throwOnRequestTimeout: true,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
  })
}
