import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Caller } from '../../../api/access/access-control.ts'
import { endWithSession } from '../../../api/live/end-with-session.ts'

const CALLER: Caller = { role: 'read', name: 'wall', by: 'session' }

t.test('whoever has signed out goes on reading, or is cut off by an outage of Redis', async (t) => {
  const stream = new PassThrough()
  const answers = [async () => CALLER, () => Promise.reject(new Error('away')), async () => undefined]
  let asked = 0
  endWithSession(stream, () => answers[asked++]?.() ?? Promise.reject(new Error('asked after the end')), 2)
  await once(stream, 'close')
  t.equal(asked, answers.length, 'still open before')
})
