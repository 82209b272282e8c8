// Who looks at the page: asks for a token when the api wants one, and says what the role allows.

import { formatMinute } from '../shell/format.js'
import { createNotice } from '../shell/notice.js'

/** An api without sessions lets everybody do everything. */
const OPEN = { required: false, role: 'operate', expiresAt: null }

/** What is more likely than what the api says for all routes alike. */
const WORDS = {
  400: 'This is not a token.',
  401: 'The api does not know this token. Look for a missing character, or ask for a new one.',
  403: 'The api does not let you sign in from this address. Open the page at the address that was given to you.',
}

/** @typedef {{ required: boolean, role: 'read' | 'operate' | null, expiresAt: string | null }} Session */

/**
 * @param {(id: string) => HTMLElement} at
 * @param {import('../shell/api-client.js').Call} call
 * @param {(session: Session) => void} onChange
 */
export function createSession(at, call, onChange) {
  const form = /** @type {HTMLFormElement} */ (at('sign-in-form'))
  const token = /** @type {HTMLInputElement} */ (at('token'))
  const notice = createNotice(at('sign-in-notice'))
  let isAsking = false

  async function look() {
    const session = await call('GET', '/session').catch(() => OPEN)
    show(session)
    return session
  }

  function show(session) {
    const isOut = session.required && session.role === null
    at('sign-in').hidden = !isOut
    at('main').hidden = isOut
    at('session').hidden = !session.required || isOut
    if (isOut) token.focus()
    const end = session.expiresAt === null ? '' : ` until ${formatMinute(session.expiresAt)}`
    at('session-role').textContent = `Signed in to ${session.role}${end}`
    onChange(session)
  }

  async function signIn() {
    try {
      await call('POST', '/session', { body: { token: token.value.trim() } })
      form.reset()
      notice.clear()
    } catch (fault) {
      notice.refuse({ message: WORDS[fault.status] ?? fault.message })
      token.select()
      return
    }
    await look()
    at('main').focus()
  }

  async function signOut() {
    try {
      await call('DELETE', '/session')
      // Nothing of what was shown stays in the document.
      location.reload()
    } catch (fault) {
      at('session-role').textContent = `Not signed out: ${fault.message}`
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (isAsking) return
    isAsking = true
    void signIn().finally(() => {
      isAsking = false
    })
  })
  at('sign-out').addEventListener('click', () => void signOut())

  return { look }
}
