// Feeds and replays: those of late as they come, older ones when asked for, and what can be done with each.

import { createNotice } from '../shell/notice.js'
import { updateRows } from '../shell/rows.js'
import { liveRow, replayRow } from './replay-rows.js'
import { nameOf } from './replay-words.js'

const COLUMNS = ['', '', 'progress-cell', '', 'nowrap', '']
const OLDER_AT_ONCE = 20
/** Live feeds of before are history. */
const LIVE_SHOWN = 3

/** @type {Record<string, { method: 'POST' | 'DELETE', path: string, done: string }>} */
const REQUESTS = {
  pause: { method: 'POST', path: '/pause', done: 'is paused; its position is kept.' },
  resume: { method: 'POST', path: '/resume', done: 'goes on.' },
  retry: { method: 'POST', path: '/retry', done: 'goes on from where it was.' },
  cancel: { method: 'DELETE', path: '', done: 'is cancelled.' },
}

/**
 * @param {(id: string) => HTMLElement} at
 * @param {{ call: import('../shell/api-client.js').Call, confirm: (question: any) => Promise<boolean>, changePace: (replay: any) => void }} parts
 */
export function createReplaysView(at, { call, confirm, changePace }) {
  const notice = createNotice(at('replays-notice'))
  const body = at('replays-rows')
  const pending = new Set()
  let live = []
  let recent = []
  let older = []
  let cursor = ''
  let mayOperate = false

  const replays = () => {
    const known = new Set(recent.map(({ id }) => id))
    return [...recent, ...older.filter(({ id }) => !known.has(id))]
  }

  function show() {
    const rows = [
      ...live.map(liveRow),
      ...replays().map((replay) => replayRow(replay, { mayOperate, isPending: pending.has(replay.id) })),
    ]
    updateRows(body, rows, { columns: COLUMNS, empty: 'no feed has begun yet' })
  }

  /** Shows an answer at once: the next event may take a second. */
  function put(replay) {
    recent = recent.some(({ id }) => id === replay.id)
      ? recent.map((shown) => (shown.id === replay.id ? replay : shown))
      : [replay, ...recent]
    older = older.filter(({ id }) => id !== replay.id)
    show()
  }

  async function act(action, replay) {
    const { method, path, done } = REQUESTS[action]
    pending.add(replay.id)
    show()
    try {
      put(await call(method, `/replays/${encodeURIComponent(replay.id)}${path}`))
      notice.say(`${nameOf(replay)} ${done}`)
    } catch (fault) {
      notice.refuse(fault)
    }
    pending.delete(replay.id)
    show()
    keepFocus(replay)
  }

  /** The button that was pressed is gone: its neighbour takes the focus, so that it is not back at the top. */
  function keepFocus(replay) {
    if (document.activeElement !== document.body) return
    const next = body.querySelector(`tr[data-key="${CSS.escape(replay.feed)}"] button`)
    const target = /** @type {HTMLElement} */ (next ?? at('replay-new'))
    target.focus()
  }

  async function onButton(button) {
    const replay = replays().find(({ id }) => id === button?.dataset.id)
    const action = button?.dataset.action
    if (action === undefined || replay === undefined || pending.has(replay.id)) return
    if (action === 'pace') return changePace(replay)
    const isSure =
      action !== 'cancel' ||
      (await confirm({
        title: `Cancel ${nameOf(replay)}?`,
        text: 'What it has sent stays. It cannot be resumed; another replay of the same source would begin anew.',
        yes: 'Cancel the replay',
      }))
    if (isSure) await act(action, replay)
  }

  async function showOlder() {
    try {
      const page = await call('GET', `/replays?limit=${OLDER_AT_ONCE}${cursor && `&cursor=${cursor}`}`)
      older = [...older, ...page.items]
      cursor = page.nextCursor ?? ''
      at('replays-older').hidden = page.nextCursor === null
      show()
    } catch (fault) {
      notice.refuse(fault)
    }
  }

  body.addEventListener('click', ({ target }) => {
    void onButton(/** @type {HTMLElement} */ (target).closest('button'))
  })
  at('replays-older').addEventListener('click', () => void showOlder())

  return {
    /** @param {any[]} feeds those of `/pipeline` */
    updateLive(feeds) {
      live = feeds.filter(({ feed }) => feed.startsWith('live-')).slice(0, LIVE_SHOWN)
      show()
    },
    /** @param {any[]} items */
    update(items) {
      // One that ended a while ago is no longer sent: it stays, as it was last seen, among the older ones.
      const sent = new Set(items.map(({ id }) => id))
      const dropped = recent.filter(({ id, finishedAt }) => !sent.has(id) && finishedAt !== null)
      older = [...dropped, ...older]
      recent = items
      show()
    },
    put,
    say: notice.say,
    /** @param {boolean} may */
    allow(may) {
      mayOperate = may
      at('replay-new').hidden = !may
      at('replays-note').hidden = may
      show()
    },
  }
}
