import type { Test } from 'tap'
import { startForwardingProxy } from './forwarding-proxy.ts'

export type LosingProxy = {
  endpoint: string
  /** Of so many of the next compressed calls the answer is lost: they have been taken, and the caller does not know. */
  lose: number
  /** Compressed calls so far, and their bytes. */
  compressed: number[]
}

/** Stands between a caller and a service, and loses answers. */
export async function startLosingProxy(t: Test, target: string): Promise<LosingProxy> {
  const proxy: LosingProxy = { endpoint: '', lose: 0, compressed: [] }
  proxy.endpoint = await startForwardingProxy(t, target, ({ incoming, body, response, forward }) => {
    const isCompressed = incoming.headers['content-encoding'] === 'gzip'
    if (isCompressed) proxy.compressed.push(body.length)
    forward((answer) => {
      if (!isCompressed || proxy.lose === 0) return false
      proxy.lose--
      answer.resume()
      answer.on('end', () => response.destroy())
      return true
    })
  })
  return proxy
}
