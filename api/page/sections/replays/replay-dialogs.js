// Starting a replay, and changing the pace of one.

import { createFormDialog } from '../shell/form-dialog.js'
import { createEstimate } from './replay-estimate.js'
import { fieldAt, readPace, readReplay } from './replay-request.js'
import { describePace, nameOf } from './replay-words.js'

const HOUR_MS = 3_600_000

/**
 * @param {(id: string) => any} at
 * @param {{ call: import('../shell/api-client.js').Call, onStarted: (replay: any) => void }} parts
 */
export function createStartDialog(at, { call, onStarted }) {
  const keys = createIdempotencyKeys()
  const dialog = createFormDialog({
    dialog: at('replay-dialog'),
    form: at('replay-form'),
    notice: at('replay-form-notice'),
    fieldAt,
    async send(fields) {
      const body = readReplay(fields)
      const headers = { 'idempotency-key': keys.of(body) }
      const replay = await call('POST', '/replays', { body, headers })
      keys.forget()
      onStarted(replay)
    },
  })
  const estimate = createEstimate({ form: at('replay-form'), line: at('r-estimate'), call })
  return {
    open() {
      if (at('r-hour-from').value === '') {
        at('r-hour-from').value = toHour(Date.now() - HOUR_MS)
        at('r-hour-to').value = toHour(Date.now() - HOUR_MS)
      }
      dialog.open()
      estimate.show()
    },
  }
}

/**
 * @param {(id: string) => any} at
 * @param {{ call: import('../shell/api-client.js').Call, onChanged: (replay: any) => void }} parts
 */
export function createPaceDialog(at, { call, onChanged }) {
  let replay
  const dialog = createFormDialog({
    dialog: at('pace-dialog'),
    form: at('pace-form'),
    notice: at('pace-notice'),
    fieldAt: (pointer) => fieldAt(pointer),
    async send(fields) {
      onChanged(
        await call('PATCH', `/replays/${encodeURIComponent(replay.id)}`, {
          body: { pace: readPace(fields) },
        }),
      )
    },
  })
  return {
    open(shown) {
      replay = shown
      at('pace-of').textContent = `${nameOf(replay)} now goes ${describePace(replay.pace)}.`
      at(`p-${replay.pace.kind}`).checked = true
      at('p-rows-per-second').value = String(replay.pace.rowsPerSecond ?? 200)
      at('p-factor').value = String(replay.pace.factor ?? 60)
      dialog.open()
    },
  }
}

/** The same request, sent again after an answer was lost, has the same key, so that it is one replay; another has another. */
export function createIdempotencyKeys() {
  let text
  let key
  return {
    of(body) {
      const next = JSON.stringify(body)
      if (next !== text) key = randomKey()
      text = next
      return key
    },
    /** It was answered: the same form again is a second replay. */
    forget() {
      text = undefined
    },
  }
}

/** Not `randomUUID`: browsers have that only where the page came by https or from this machine. */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The hour, UTC, as a field for date and time takes it. */
const toHour = (ms) => `${new Date(ms).toISOString().slice(0, 13)}:00`
