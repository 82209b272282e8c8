// The dead letters: a list that is read when it comes into view, and the way back for one or several of them.

import { formatClock, formatCount } from '../shell/format.js'
import { createNotice } from '../shell/notice.js'
import { setText, updateRows } from '../shell/rows.js'
import { createLetterDialog } from './letter-dialog.js'
import { letterRow } from './letter-rows.js'

const COLUMNS = ['nowrap', 'nowrap', '', 'reason', 'nowrap', 'nowrap']
const AT_ONCE = 30
/** Objects of S3 are read for the list: it is not asked for with each row that is refused. */
const LEAST_INTERVAL_MS = 15_000

/**
 * @param {(id: string) => any} at
 * @param {{ call: import('../shell/api-client.js').Call, confirm: (question: any) => Promise<boolean>, onStarted: (replay: any) => void }} parts
 */
export function createLettersView(at, { call, confirm, onStarted }) {
  const notice = createNotice(at('letters-notice'))
  const dialog = createLetterDialog(at, { recover })
  const chosen = new Set()
  let letters = []
  /** @type {string | null} */
  let cursor = null
  let mayOperate = false
  let isInView = false
  let isSending = false
  let isBehind = true
  let hasRead = false
  let readAt = -LEAST_INTERVAL_MS
  let lastCount = -1
  /** Another question makes an answer that is still on its way worthless. */
  let question = 0

  function show() {
    updateRows(
      at('letters-rows'),
      letters.map((letter) => letterRow(letter, { mayOperate, isChosen: chosen.has(letter.id) })),
      { columns: COLUMNS, empty: hasRead ? 'nothing was put aside' : 'not looked at yet' },
    )
    at('letters-older').hidden = cursor === null
    showChoice()
  }

  function showChoice() {
    const button = at('letters-recover')
    button.hidden = !mayOperate
    button.setAttribute('aria-disabled', String(chosen.size === 0 || isSending))
    setText(button, chosen.size === 0 ? 'Feed in again' : `Feed ${formatCount(chosen.size)} in again`)
  }

  async function read(isMore) {
    const asked = ++question
    readAt = performance.now()
    isBehind = false
    const origin = at('letters-origin').value
    const path = `/dead-letters?limit=${AT_ONCE}${origin && `&origin=${origin}`}${isMore ? `&cursor=${cursor}` : ''}`
    try {
      const page = await call('GET', path)
      if (asked !== question) return
      letters = isMore ? [...letters, ...page.items] : page.items
      cursor = page.nextCursor
      hasRead = true
      const known = new Set(letters.map(({ id }) => id))
      for (const id of chosen) if (!known.has(id)) chosen.delete(id)
      setText(at('letters-as-of'), `as of ${formatClock(Date.now())}`)
      show()
    } catch (fault) {
      if (asked === question) notice.refuse(fault)
    }
  }

  /** Rejects with what the api says. */
  async function recover(wanted, fixes = []) {
    const [{ origin }] = wanted
    const replay = await call('POST', '/dead-letters/replays', {
      body: { origin, ids: wanted.map(({ id }) => id), ...(fixes.length === 0 ? {} : { fixes }) },
    })
    for (const { id } of wanted) chosen.delete(id)
    notice.say(`${formatCount(wanted.length)} on the way back as ${replay.feed}; it is among the replays.`)
    onStarted(replay)
    await read(false)
  }

  async function recoverChosen() {
    const wanted = letters.filter(({ id }) => chosen.has(id))
    const origins = new Set(wanted.map(({ origin }) => origin))
    if (wanted.length === 0) return
    if (origins.size > 1) {
      return notice.refuse({ message: 'Choose letters of one kind: each kind has a way back of its own.' })
    }
    const isSure = await confirm({
      title: `Feed ${formatCount(wanted.length)} in again, as they are?`,
      text: 'What made each a dead letter may do so again. To mend one first, look at it.',
      yes: 'Feed in again',
    })
    if (!isSure || isSending) return
    isSending = true
    showChoice()
    await recover(wanted).catch((fault) => notice.refuse(fault))
    isSending = false
    showChoice()
  }

  function readIfDue() {
    const isDue = isBehind && performance.now() - readAt >= LEAST_INTERVAL_MS
    // Whoever has chosen something, or gone back in time, is not pulled away from it.
    if (isInView && isDue && chosen.size === 0 && letters.length <= AT_ONCE) void read(false)
  }

  new IntersectionObserver(([entry]) => {
    isInView = entry.isIntersecting
    readIfDue()
  }).observe(at('dead-letters'))
  at('letters-origin').addEventListener('change', () => read(false))
  at('letters-again').addEventListener('click', () => read(false))
  at('letters-older').addEventListener('click', () => read(true))
  at('letters-recover').addEventListener('click', recoverChosen)
  at('letters-rows').addEventListener('change', ({ target }) => {
    const id = target.dataset.choose
    if (target.checked) chosen.add(id)
    else chosen.delete(id)
    showChoice()
  })
  at('letters-rows').addEventListener('click', ({ target }) => {
    const letter = letters.find(({ id }) => id === target.dataset.look)
    if (letter !== undefined) dialog.open(letter, mayOperate)
  })

  return {
    /** How much has been put aside or brought back so far: when it changes, the list is behind. @param {number} count */
    noteCount(count) {
      if (count !== lastCount) isBehind = true
      lastCount = count
      readIfDue()
    },
    /** @param {boolean} may */
    allow(may) {
      mayOperate = may
      at('letters-note').hidden = may
      show()
    },
  }
}
