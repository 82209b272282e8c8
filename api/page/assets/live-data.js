// The page's one connection: server-sent events. The browser reconnects by itself and says where it was; this adds what
// it leaves out: a new try when it has given up, and the age of what is shown.

const STALE_AFTER_MS = 5_000
const RETRY_MS = 2_000
const EVENTS = ['fleet', 'pipeline', 'insights', 'accidents']

/**
 * @param {Record<string, (data: any) => void>} handlers by type of event
 * @param {(ageMs: number | null) => void} onAge every second: null while data is fresh, else the age of the newest
 */
export function followEvents(handlers, onAge) {
  let source = open()
  let newestAt = performance.now()

  function open() {
    const opened = new EventSource('/events')
    for (const type of EVENTS) {
      opened.addEventListener(type, (event) => {
        newestAt = performance.now()
        handlers[type](JSON.parse(event.data))
      })
    }
    opened.addEventListener('error', () => {
      if (opened.readyState !== EventSource.CLOSED) return
      setTimeout(() => {
        source = open()
      }, RETRY_MS)
    })
    return opened
  }

  setInterval(() => {
    const ageMs = performance.now() - newestAt
    onAge(ageMs > STALE_AFTER_MS ? ageMs : null)
  }, 1_000)
  addEventListener('pagehide', () => source.close())
  // A page that comes back from the browser's cache has no connection any more.
  addEventListener('pageshow', (event) => {
    if (event.persisted) source = open()
  })
}
