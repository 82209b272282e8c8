// Asks the api for something, and says in words why when it does not get it.

/** Why a request was not answered as it was meant. The message is for people. */
export class ApiFault extends Error {
  /** 0 when there was no answer at all. */
  status
  /** What of the request is wrong. @type {{ pointer: string, message: string }[]} */
  parts

  constructor(message, { status = 0, parts = [], cause } = {}) {
    super(message, { cause })
    this.status = status
    this.parts = parts
  }
}

/** @typedef {(method: string, path: string, options?: { body?: unknown, headers?: Record<string, string> }) => Promise<any>} Call */

/**
 * @param {() => void} onSignedOut the api asks for a token: the session is over
 * @returns {Call} resolves to the JSON of the answer, undefined when it has none; rejects with an `ApiFault`
 */
export function createApiClient(onSignedOut) {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await send(method, path, body, headers)
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    const answer = isJson ? await response.json() : undefined
    if (response.ok) return answer
    if (response.status === 401 && path !== '/session') onSignedOut()
    throw describeRefusal(response, answer)
  }
}

async function send(method, path, body, headers) {
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new ApiFault('The api cannot be reached, so it is not known whether it was done. Try again.', {
      cause,
    })
  }
}

/** Answers that need more words than the api's own, by status. */
const WORDS = {
  401: () => 'You are not signed in any more. Sign in, then do it again.',
  403: (problem) => `You may not do this. ${problem?.detail ?? 'It needs a token with the role operate.'}`,
  429: (_problem, wait) => `That was asked for too often. Try again ${wait}.`,
}

function describeRefusal(response, problem) {
  const seconds = Number(response.headers.get('retry-after'))
  const wait = seconds > 0 ? `in ${seconds} s` : 'in a moment'
  const words = WORDS[response.status]?.(problem, wait)
  const told = problem === undefined ? undefined : `${problem.title}. ${problem.detail ?? ''}`.trim()
  const message = words ?? told ?? `The api answered with the status ${response.status}.`
  return new ApiFault(message, { status: response.status, parts: problem?.errors ?? [] })
}
