import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from '../loopback.ts'

/** Browsers say of each change where the page is from that makes it; programs do not. */
export function isFromBrowser({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return origin !== undefined || site !== undefined
}

/** Whether a browser makes this request for a page of another site, or for one that does not say whose it is. */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined && site !== 'same-origin') return true
  return origin !== undefined && hostOf(origin) !== host?.toLowerCase()
}

/** A name that another site made to point at this machine (DNS rebinding) is not one of this machine's own. */
export function isAddressedToLoopback({ host }: IncomingHttpHeaders): boolean {
  const name = hostnameOf(`http://${host ?? ''}`)
  return name !== undefined && isLoopback(name)
}

const hostOf = (origin: string) => URL.parse(origin)?.host

const hostnameOf = (url: string) => URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1')
