import type { FastifyInstance } from 'fastify'

/** Every route that the router knows, also those that no document names: `GET /replays/:id`. */
export function routesOf(app: FastifyInstance): { method: string; url: string }[] {
  const parents: string[] = []
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const match = /^(?<indent>[│ ]*)[└├]── (?<part>\S+) \((?<methods>[A-Z, ]+)\)$/.exec(line)
      if (match?.groups === undefined) return []
      const { indent = '', part = '', methods = '' } = match.groups
      const depth = indent.length / 4
      const url = `${parents.slice(0, depth).join('')}${part}`
      parents[depth] = part
      return methods.split(', ').map((method) => ({ method, url }))
    })
}
