import { hashOf } from '../../api/access/access-tokens.ts'

/** Tokens of tests, and the API_TOKENS that knows them. */
export const READ_TOKEN = 'r-read-token-of-the-tests'
export const OPERATE_TOKEN = 'o-operate-token-of-the-tests'
export const API_TOKENS = `read:${hashOf(READ_TOKEN)},operate:alice:${hashOf(OPERATE_TOKEN)}`

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** The name and value of a `set-cookie`, as the browser sends them back. */
export const cookieOf = (setCookie: unknown) => String(setCookie).split(';', 1)[0] ?? ''
