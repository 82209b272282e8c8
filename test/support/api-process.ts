import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { type ApiDocument, operationAt, untold } from './api-document.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { freePort } from './servers.ts'
import { waitFor } from './wait-for.ts'

const READY_DEADLINE_MS = 30_000
/** For so long it may turn requests away, on a machine that has more to do than it can. */
const OVERLOADED_DEADLINE_MS = 60_000

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

export type ApiProcess = TestProcess & {
  address: string
  /**
   * An answer with its JSON; an empty object when there is none. Asks again when it is told that the api has too much to
   * do. Throws when the OpenAPI document does not tell of the answer.
   */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** An api as a process of its own, once it answers. */
export async function startApiProcess(t: Test, options: Record<string, string>): Promise<ApiProcess> {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const api = startProcess(t, 'api/main.ts', { HTTP_PORT: String(port), ...options })
  await waitFor('the api answers', async () => (await fetch(`${address}/health/live`)).ok, {
    deadlineMs: READY_DEADLINE_MS,
    intervalMs: 50,
  })

  async function askOnce(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const reply = await fetch(address + path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await reply.text()
    const isJson = reply.headers.get('content-type')?.includes('json') === true
    return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : {} }
  }

  async function askPatiently(...question: Parameters<typeof askOnce>): Promise<Answer> {
    const giveUpAt = performance.now() + OVERLOADED_DEADLINE_MS
    let answer = await askOnce(...question)
    while (codeOf(answer) === 'OVERLOADED' && performance.now() < giveUpAt) {
      await delay(Number(answer.headers.get('retry-after')) * 1_000)
      answer = await askOnce(...question)
    }
    return answer
  }

  const document = (await askPatiently('GET', '/docs/json')).body as ApiDocument
  return {
    ...api,
    address,
    async ask(method, path, body, headers) {
      const answer = await askPatiently(method, path, body, headers)
      const operation = operationAt(document, method, path)
      const fault = operation && untold(operation, { status: answer.status, code: codeOf(answer) })
      if (fault !== undefined) throw new Error(`${method} ${path}: the document does not tell of ${fault}`)
      return answer
    },
  }
}

const codeOf = ({ status, body }: Answer) =>
  status >= 400 && typeof body['code'] === 'string' ? body['code'] : undefined
