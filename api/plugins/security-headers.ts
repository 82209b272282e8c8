import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on what a browser shows as a page. */
    isDocument?: boolean
  }
}

/** Everything comes from this address, nothing is inline, no page frames it, no form leaves it. */
const DOCUMENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';')

/** Of every answer. Data that is opened as a page loads and runs nothing. */
const DATA_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  // No page of another site reads it.
  'cross-origin-resource-policy': 'same-origin',
  // Nothing is taken for what it does not say it is.
  'x-content-type-options': 'nosniff',
} as const

const DOCUMENT_HEADERS = {
  ...DATA_HEADERS,
  'content-security-policy': DOCUMENT_POLICY,
  // No other page shares a process with it or holds on to its window.
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Ids of replays and workers stay here.
  'referrer-policy': 'no-referrer',
  'x-dns-prefetch-control': 'off',
  // For browsers that do not know frame-ancestors.
  'x-frame-options': 'DENY',
} as const

/** Where a load balancer speaks HTTPS for the api, nobody is to come by plain HTTP again. */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000' } as const

const DOCUMENTS = /^\/(?:docs(?:\/.*)?)?$/

/** Written once, not made anew for each answer: a third of what a small one costs would be its headers. */
export function setSecurityHeaders(app: FastifyInstance, { isLocal }: { isLocal: boolean }): void {
  const forAll = isLocal ? {} : HTTPS_ONLY
  const ofData = { ...DATA_HEADERS, ...forAll }
  const ofDocuments = { ...DOCUMENT_HEADERS, ...forAll }
  app.addHook('onRoute', (route) => {
    route.config = { isDocument: DOCUMENTS.test(route.url), ...route.config }
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.routeOptions.config.isDocument === true ? ofDocuments : ofData)
    done()
  })
}
