import type { FastifyPluginAsync } from 'fastify'
import { loadPageFiles } from '../page/page-files.ts'

/** The operations page: a few files, read once, compressed once. They hold no data. */
export const pageRoutes: FastifyPluginAsync = async (app) => {
  for (const file of loadPageFiles()) {
    app.get(file.path, { config: { access: 'open' }, schema: { hide: true } }, async (request, reply) => {
      reply
        .header('cache-control', 'no-cache')
        .header('etag', file.etag)
        .header('vary', 'accept-encoding')
        .type(file.type)
      if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
      if (!request.headers['accept-encoding']?.includes('gzip')) return reply.send(file.bytes)
      return reply.header('content-encoding', 'gzip').send(file.gzipped)
    })
  }
}
