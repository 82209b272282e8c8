import { RoadpulseError } from '../../lib/errors.ts'

const REQUEST_TIMEOUT_MS = 15_000

/** The HTTP API of one Grafana. Every answer that is neither good nor 404 throws `PART_FAILED` with what Grafana says. */
export class GrafanaApi {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Nothing when there is nothing there. */
  async get(path: string): Promise<unknown> {
    const response = await this.#request('GET', path)
    return response.status === 404 ? undefined : response.json()
  }

  async send(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
    const response = await this.#request(method, path, JSON.stringify(body))
    if (response.status === 404) throw new RoadpulseError('PART_FAILED', `Grafana has no ${path}`)
    await response.arrayBuffer()
  }

  async #request(method: string, path: string, body?: string): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    })
    if (response.ok || response.status === 404) return response
    throw new RoadpulseError(
      'PART_FAILED',
      `Grafana: ${method} ${path} ${response.status} ${await response.text()}`,
    )
  }
}
