// How long the replay that is being filled in would take, said while it is.

import { readReplay } from './replay-request.js'
import { describeEstimate } from './replay-words.js'

/** Typing has paused. */
const QUIET_MS = 400

/**
 * @param {{ form: HTMLFormElement, line: HTMLElement, call: import('../shell/api-client.js').Call }} parts
 */
export function createEstimate({ form, line, call }) {
  let asked = ''
  let timer

  async function show() {
    // Its name is no part of what is asked.
    const body = form.checkValidity() ? { ...readReplay(new FormData(form)), name: undefined } : undefined
    const text = JSON.stringify(body) ?? ''
    if (text === asked) return
    asked = text
    const words = body === undefined ? '' : await ask(body)
    // What was asked before the form changed again is not of it.
    if (text === asked) line.textContent = words
  }

  async function ask(body) {
    try {
      return describeEstimate(await call('POST', '/replays/estimate', { body }))
    } catch (fault) {
      return `Estimated duration: not known; ${fault.parts?.[0]?.message ?? fault.message}.`
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void show(), QUIET_MS)
  })
  return {
    /** The form is opened: what was asked for before may be another thing by now. */
    show() {
      asked = ''
      void show()
    },
  }
}
