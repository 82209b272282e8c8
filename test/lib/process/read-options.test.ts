import t from 'tap'
import { Type } from 'typebox'
import { processOptions, redisOptions } from '../../../lib/process/common-options.ts'
import { describeOptions, maskOptions, readOptions } from '../../../lib/process/read-options.ts'

const schema = Type.Object({
  ...processOptions,
  RATE: Type.Number({ minimum: 1, description: 'rows per second' }),
  BUCKET: Type.String({ description: 'name of a bucket' }),
  REPEAT: Type.Boolean({ default: false, description: 'begin again at the end' }),
  TOKEN: Type.Optional(Type.String({ minLength: 8, writeOnly: true, description: 'a token' })),
})

t.test('a second fault hides behind the first instead of being named with it', async (t) => {
  const environment = { RATE: 'abc', LOG_LEVEL: 'loud', PROBE_PORT: '99999' }
  t.throws(() => readOptions(schema, environment), {
    code: 'CONFIGURATION',
    message:
      /LOG_LEVEL: got "loud"[^\n]*\n[^\n]*PROBE_PORT: got 99999[^\n]*\n[^\n]*RATE: got "abc"[^\n]*\n[^\n]*BUCKET is missing/,
  })
})

t.test('a number or a boolean stays the text of its variable', async (t) => {
  const options = readOptions(schema, { RATE: '2.5', BUCKET: 'b', REPEAT: 'true' })
  t.equal(options.RATE, 2.5)
  t.equal(options.REPEAT, true)
})

t.test('an empty variable is taken as a value instead of as absent', async (t) => {
  t.equal(readOptions(schema, { RATE: '1', BUCKET: 'b', REPEAT: '' }).REPEAT, false)
  t.throws(() => readOptions(schema, { RATE: '1', BUCKET: '' }), { message: /BUCKET is missing/ })
})

t.test('a secret is shown in a fault or in the log', async (t) => {
  t.throws(() => readOptions(schema, { RATE: '1', BUCKET: 'b', TOKEN: 'short' }), {
    message: /TOKEN: got a secret/,
  })
  const all = Type.Object({ ...schema.properties, ...redisOptions })
  const masked = maskOptions(all, { TOKEN: 'long enough', REDIS_URL: 'redis://user:secret@cache:6379' })
  t.strictSame(masked, { TOKEN: '***', REDIS_URL: 'redis://user:***@cache:6379' })
})

t.test('help leaves out a variable, its default or that it is required', async (t) => {
  const help = describeOptions(schema)
  for (const name of Object.keys(schema.properties)) t.match(help, new RegExp(`^ {2}${name} `, 'm'))
  t.match(help, /REPEAT +begin again at the end \(default false\)/)
  t.match(help, /BUCKET +name of a bucket \(required\)/)
  t.match(help, /TOKEN +a token \(optional\)/)
})
