import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/** A strict policy: everything comes from this address, nothing is inline, nobody frames the page. */
export async function setSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The api speaks plain HTTP on this machine; a load balancer with a certificate adds this header itself.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  })
}
