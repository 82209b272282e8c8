import t from 'tap'
import { MAX_LETTERS } from '../../../api/dead-letters/recovery-request.ts'
import { Problem } from '../../../api/problems.ts'
import { letterIdOf } from '../../../lib/dead-letters/letter-id.ts'
import { buildFakeApp } from '../../support/fake-app.ts'

const KEY = `origin=row/dt=2026-11-23/hr=14/0mv9c3k1x-${'f'.repeat(16)}.jsonl.gz`

t.test('as many letters as one recovery takes do not fit into one request, or any number does', async (t) => {
  const asked: number[] = []
  const app = await buildFakeApp(t, {
    deadLetters: {
      recover(request) {
        asked.push(request.ids?.length ?? 0)
        return Promise.reject(new Problem('LETTERS_CLAIMED', 'all of them'))
      },
    },
  })
  const ids = Array.from({ length: MAX_LETTERS }, (_, index) => letterIdOf({ key: KEY, index }))
  const text = 'x'.repeat(65_536)
  const send = (body: object) => app.inject({ method: 'POST', url: '/dead-letters/replays', payload: body })
  const whole = { origin: 'row', ids, fixes: ids.slice(0, 8).map((id) => ({ id, text })) }
  t.equal((await send(whole)).json().code, 'LETTERS_CLAIMED')
  t.same(asked, [MAX_LETTERS])

  const beyond = { ...whole, fixes: ids.slice(0, 40).map((id) => ({ id, text })) }
  t.match((await send(beyond)).json(), { code: 'CONTENT_TOO_LARGE', detail: /larger than 2048 KiB/ })
  const long = { origin: 'row', ids: ids.slice(0, 1), fixes: [{ id: ids[0], text: `${text}x` }] }
  t.match((await send(long)).json(), { status: 400, errors: [{ pointer: '/body/fixes/0/text' }] })
})
