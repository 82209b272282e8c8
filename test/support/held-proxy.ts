import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { startForwardingProxy } from './forwarding-proxy.ts'

/** At which point of a call to `Publish` the caller is left waiting. */
export type Hold = 'before the call' | 'after acceptance' | 'nowhere'

export type HeldProxy = {
  endpoint: string
  hold: Hold
  /** Calls to `Publish` that have come as far as the point where they are held. */
  held: number
  /** Answers 503 to everything. */
  isAway: boolean
}

/** Stands between an api and SNS, so that a test can end the api at an exact point of a call. */
export async function startHeldProxy(t: Test, target: string): Promise<HeldProxy> {
  const proxy: HeldProxy = { endpoint: '', hold: 'nowhere', held: 0, isAway: false }
  const waiting = new Set<ServerResponse>()
  t.teardown(() => {
    for (const response of waiting) response.destroy()
  })
  proxy.endpoint = await startForwardingProxy(t, target, ({ body, response, forward }) => {
    const isPublish = body.includes('Action=Publish&')
    if (proxy.isAway) return void response.writeHead(503).end()
    const wait = () => {
      proxy.held++
      waiting.add(response)
    }
    if (isPublish && proxy.hold === 'before the call') return wait()
    forward((answer) => {
      if (!isPublish || proxy.hold !== 'after acceptance') return false
      answer.resume()
      answer.on('end', wait)
      return true
    })
  })
  return proxy
}
