// The page's one connection: server-sent events. The browser reconnects by itself and says where it was; this adds what
// it leaves out: a new try when it has given up, and the age of what is shown.

const STALE_AFTER_MS = 5_000
const RETRY_MS = 2_000

/**
 * @param {Record<string, (data: any) => void>} handlers by type of event
 * @param {{ onAge: (ageMs: number | null) => void, onRefused: () => void }} listeners `onAge` every second: null while data is
 *   fresh or nobody follows, else the age of the newest; `onRefused` when the api does not let us in
 */
export function createLiveData(handlers, { onAge, onRefused }) {
  /** @type {EventSource | undefined} */
  let source
  let newestAt = 0

  function open() {
    const opened = new EventSource('/events')
    source = opened
    for (const [type, handle] of Object.entries(handlers)) {
      opened.addEventListener(type, (event) => {
        newestAt = performance.now()
        handle(JSON.parse(event.data))
      })
    }
    opened.addEventListener('error', () => {
      if (opened.readyState !== EventSource.CLOSED) return
      onRefused()
      setTimeout(() => {
        if (source === opened) open()
      }, RETRY_MS)
    })
  }

  function stop() {
    source?.close()
    source = undefined
  }

  setInterval(() => {
    const ageMs = performance.now() - newestAt
    onAge(source !== undefined && ageMs > STALE_AFTER_MS ? ageMs : null)
  }, 1_000)
  addEventListener('pagehide', () => source?.close())
  // A page that comes back from the browser's cache has no connection any more.
  addEventListener('pageshow', (event) => {
    if (event.persisted && source !== undefined) open()
  })

  return {
    start() {
      if (source !== undefined) return
      newestAt = performance.now()
      open()
    },
    stop,
  }
}
