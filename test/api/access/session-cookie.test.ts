import t from 'tap'
import { createSessionCookie } from '../../../api/access/session-cookie.ts'

const ID = 'x'.repeat(43)

t.test(
  'the cookie can be read by a script, sent by another site or, over HTTPS, sent without it',
  async (t) => {
    const secure = createSessionCookie({ isSecure: true })
    t.equal(
      secure.give(ID, 61_500, 1_000),
      `__Host-roadpulse=${ID}; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure`,
    )
    t.equal(secure.take(), '__Host-roadpulse=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure')
    const local = createSessionCookie({ isSecure: false })
    t.equal(local.give(ID, 1_000, 1_000), `roadpulse=${ID}; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`)
  },
)

t.test('a session is found among other cookies, and what cannot be an id is not looked for', async (t) => {
  const cookie = createSessionCookie({ isSecure: true })
  t.equal(cookie.read(`a=b; __Host-roadpulse=${ID};c=d`), ID)
  for (const header of [
    undefined,
    '',
    `roadpulse=${ID}`,
    `x__Host-roadpulse=${ID}`,
    '__Host-roadpulse=',
    `__Host-roadpulse=${ID}x`,
    `__Host-roadpulse=${'*'.repeat(43)}`,
  ]) {
    t.equal(cookie.read(header), undefined, String(header))
  }
})
