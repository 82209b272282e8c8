import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { AccessControl } from '../access/access-control.ts'
import { ROLES, type Role } from '../access/access-tokens.ts'
import { bodyReadByHand } from '../body-read-by-hand.ts'
import { IsoTime, nullable, toIsoTimeOrNull } from '../field-types.ts'
import { Problem, problemResponse } from '../problems.ts'

/** Somebody who mistypes needs a few; somebody who guesses would need 2^255. */
const SIGN_INS_PER_MINUTE = 10

const SignIn = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)

const SessionState = Type.Object({
  required: Type.Boolean({ description: 'whether anything with data asks for a token' }),
  role: Type.Unsafe<Role | null>({
    type: ['string', 'null'],
    enum: [...ROLES, null],
    description: 'what the caller may do; null: nothing before it signs in',
  }),
  expiresAt: nullable(IsoTime, 'when the session ends; null without one'),
})

export const sessionRoutes: FastifyPluginAsyncTypebox<{ access: AccessControl }> = async (
  app,
  { access },
) => {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get(
    '/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Whether a token is needed, and what the caller may do',
        response: { 200: SessionState, 503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE') },
      },
    },
    async ({ headers }) => {
      const caller = await access.identify(headers)
      return {
        required: access.isRequired,
        role: caller?.role ?? null,
        expiresAt: toIsoTimeOrNull(caller?.session?.expiresAt),
      }
    },
  )

  app.post(
    '/session',
    {
      validatorCompiler: bodyReadByHand,
      config: { rateLimit: { max: SIGN_INS_PER_MINUTE, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Sign in: the token becomes a cookie that lasts eight hours',
        description:
          'The cookie is HttpOnly, SameSite=Strict and, unless the api listens on loopback, Secure. Its session ends with ' +
          '`DELETE /session`, and when its token is no longer configured. Without tokens there is nothing to sign in to.',
        body: SignIn,
        response: {
          204: { description: 'signed in', type: 'null' },
          401: problemResponse('nobody has this token', 'UNAUTHENTICATED'),
          503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      // Nothing of it is repeated: it may be a token in a place that is not meant for it.
      if (!Value.Check(SignIn, body)) {
        throw new Problem('INVALID_REQUEST', 'The body must be {"token": text of 1 to 200 characters}.')
      }
      if (!access.isRequired) return reply.code(204).send(null)
      const session = await access.signIn(body.token)
      if (session === undefined) {
        request.log.warn({ address: request.ip }, 'sign-in refused')
        reply.header('www-authenticate', 'Bearer realm="roadpulse", error="invalid_token"')
        throw new Problem('UNAUTHENTICATED', 'This token is not known.')
      }
      request.log.info({ caller: session.name, address: request.ip }, 'signed in')
      return reply.header('set-cookie', session.cookie).code(204).send(null)
    },
  )

  app.delete(
    '/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Sign out: the session ends at once, everywhere',
        response: {
          204: { description: 'signed out, or never signed in', type: 'null' },
          503: problemResponse('Redis does not answer', 'DATA_UNAVAILABLE'),
        },
      },
    },
    async ({ headers }, reply) =>
      reply
        .header('set-cookie', await access.signOut(headers))
        .code(204)
        .send(null),
  )
}
