import type { IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import { type JsonAnswer, serveJson } from './serve-json.ts'

const WORKSPACE = 'g-0'
const TOKEN = 'glsa_0'

type Body = Record<string, unknown> & { uid: string }

/**
 * A Grafana of the test's own: those routes of its HTTP API that a deploy uses, behind a token, and the calls of AWS by
 * which such a token is made. `log` has every call that changes something.
 */
export async function startGrafana(t: Test) {
  const log: string[] = []
  const content: Record<string, Record<string, unknown>> = {}
  const accounts = new Set<string>()
  const faults = new Map<string, number>()

  const answers: Record<string, (path: string, body: Body) => unknown> = {
    'POST /api/datasources': (_, body) =>
      keep(`/api/datasources/uid/${body.uid}`, { id: 1, orgId: 1, readOnly: false, ...body }),
    'PUT /api/datasources/uid/': (path, body) => keep(path, { ...content[path], ...body }),
    'POST /api/folders': (_, body) => keep(`/api/folders/${body.uid}`, { id: 2, ...body }),
    'POST /api/dashboards/db': (_, { dashboard, folderUid }) => {
      const given = dashboard as Body
      const path = `/api/dashboards/uid/${given.uid}`
      const before = content[path]?.dashboard as { version: number } | undefined
      const version = (before?.version ?? 0) + 1
      return keep(path, { dashboard: { ...given, id: 3, version }, meta: { folderUid } })
    },
  }
  function keep(path: string, value: Record<string, unknown>): unknown {
    content[path] = value
    return { status: 'success' }
  }

  function answer(request: IncomingMessage, body: object): JsonAnswer {
    const { method = '', url = '' } = request
    if (method !== 'GET') log.push(`${method} ${url}`)
    if (url.startsWith(`/workspaces/${WORKSPACE}/serviceaccounts`)) return answerAws(method, url)
    if (request.headers.authorization !== `Bearer ${TOKEN}` || accounts.size === 0)
      return { status: 401, body: { message: 'Invalid API key' } }
    const fault = faults.get(url)
    if (fault !== undefined) return { status: fault, body: { message: 'not today' } }
    if (method === 'GET') {
      const found = content[url]
      return found === undefined
        ? { status: 404, body: { message: 'not found' } }
        : { status: 200, body: found }
    }
    const route = Object.keys(answers).find((route) => `${method} ${url}`.startsWith(route))
    return route === undefined
      ? { status: 404, body: {} }
      : { status: 200, body: answers[route]?.(url, body as Body) }
  }

  function answerAws(method: string, url: string): JsonAnswer {
    if (method === 'DELETE') {
      accounts.delete(url.slice(url.lastIndexOf('/') + 1))
      return { status: 200, body: { serviceAccountId: '7', workspaceId: WORKSPACE } }
    }
    if (url.endsWith('/tokens')) {
      const serviceAccountToken = { id: '1', name: 'token', key: TOKEN }
      return { status: 200, body: { serviceAccountToken, serviceAccountId: '7', workspaceId: WORKSPACE } }
    }
    accounts.add('7')
    return { status: 200, body: { id: '7', name: 'account', grafanaRole: 'ADMIN', workspaceId: WORKSPACE } }
  }

  const url = await serveJson(t, answer)
  return { url, workspaceId: WORKSPACE, log, content, accounts, faults }
}
