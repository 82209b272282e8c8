import t from 'tap'
import type { Publication } from '../../../api/watchdog/incident.ts'
import { createTelling } from '../../../api/watchdog/telling.ts'

const failed: Publication = {
  event: 'opened',
  dedupId: 'x',
  state: 'failed',
  at: null,
  messageId: null,
  attempts: 3,
  error: 'refused',
}

t.test('that people cannot be told shows too late, too early, or for ever', async (t) => {
  let now = Date.UTC(2026, 0, 1)
  const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined }
  const telling = createTelling({ isConfigured: true, clock })
  const silent = { status: 'failing' as const, latencyMs: 1, error: 'no answer' }
  t.match(telling.observe({ status: 'ok', latencyMs: 1 }, []), { state: 'ok', since: null })
  const since = now
  t.match(telling.observe(silent, []), { state: 'ok' }, 'one missed answer')
  now += 5_000
  t.match(telling.observe(silent, []), {
    state: 'failing',
    since: new Date(since).toISOString(),
    detail: 'SNS: no answer',
  })
  t.match(telling.observe({ status: 'ok', latencyMs: 1 }, []), { state: 'ok', since: null })
  t.match(telling.observe({ status: 'ok', latencyMs: 1 }, [failed]), {
    state: 'failing',
    detail: 'SNS: refused',
  })
  t.match(telling.observe(undefined, [{ ...failed, state: 'published' }]), { state: 'ok' })
  t.match(createTelling({ isConfigured: false, clock }).observe(silent, [failed]), { state: 'off' })
})
