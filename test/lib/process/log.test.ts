import { ReplyError } from 'ioredis'
import t from 'tap'
import { RoadpulseError } from '../../../lib/errors.ts'
import { captureLog } from '../../support/log-lines.ts'
import { logCalls, sourceOf } from '../../support/logged.ts'

const PAYLOAD = 'Accident on I-70 at exit 29'

t.test('an error brings what was sent with it into the log', async (t) => {
  const { log, lines } = captureLog()
  const reply = Object.assign(new ReplyError('OOM command not allowed'), {
    command: { name: 'evalsha', args: ['sha', PAYLOAD] },
    previousErrors: [PAYLOAD],
  })
  const aws = Object.assign(new Error('throttled', { cause: reply }), {
    code: 'ThrottlingException',
    $metadata: { requestId: 'aws-1', httpStatusCode: 400 },
    $response: { body: PAYLOAD },
  })
  const error = new RoadpulseError('STORE_UNAVAILABLE', 'insights cannot be written', aws)
  for (const level of ['info', 'warn', 'error', 'fatal'] as const) log[level]({ error }, level)
  t.notMatch(JSON.stringify(lines), PAYLOAD)
  t.match(lines[2], {
    service: 'test',
    workerId: 'test-1',
    level: 'error',
    error: {
      type: 'RoadpulseError',
      code: 'STORE_UNAVAILABLE',
      message: 'insights cannot be written',
      stack: /log\.test/,
      cause: {
        message: 'throttled',
        code: 'ThrottlingException',
        awsRequestId: 'aws-1',
        cause: { message: 'OOM command not allowed' },
      },
    },
  })
})

t.test('what is thrown is no error, or is its own cause', async (t) => {
  const { log, lines } = captureLog()
  const endless = new Error('endless')
  endless.cause = endless
  log.error({ error: endless }, 'one')
  log.error({ error: 'a text' }, 'two')
  log.error({ error: new Error('outer', { cause: 'a text' }) }, 'three')
  t.match(lines, [
    { error: { message: 'endless' } },
    { error: 'a text' },
    { error: { message: 'outer', cause: { message: 'a text' } } },
  ])
})

const guide = sourceOf('docs/logs.md')
const known = new Set([...guide.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name))
const calls = logCalls()

t.test('a line has a payload, or a field that nobody has heard of', async (t) => {
  t.ok(calls.length > 60, `${calls.length} calls`)
  for (const { file, level, fields } of calls) {
    if (level === 'debug') continue
    for (const field of fields) {
      t.ok(known.has(field), `${field}, in ${file.split('/').slice(-2).join('/')}`)
      t.notMatch(field, /^(payload|data|bytes|body|row|line|text|envelope|value)$/, field)
    }
  }
})

t.test('a phrase is made of what changes, or is a sentence', async (t) => {
  const phrases = calls.flatMap(({ phrase, level }) =>
    phrase === undefined || level === 'child' ? [] : [phrase],
  )
  t.ok(phrases.length > 50, `${phrases.length} phrases`)
  for (const phrase of phrases) t.notMatch(phrase, /[.!]$|\$\{/, phrase)
})

t.test('a query of the guide asks for a field or a phrase that is never logged', async (t) => {
  const queries = [...guide.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query = '']) => query)
  t.ok(queries.length >= 10, `${queries.length} queries`)
  const phrases = new Set(calls.map(({ phrase }) => phrase))
  for (const query of queries) {
    for (const [, phrase = ''] of query.matchAll(/msg\s*(?:=|like)\s*"([^"]+)"/g))
      t.ok(phrases.has(phrase), phrase)
    for (const [, list = ''] of query.matchAll(/msg in \[([^\]]+)\]/g)) {
      for (const [, phrase = ''] of list.matchAll(/"([^"]+)"/g)) t.ok(phrases.has(phrase), phrase)
    }
    const plain = query.replaceAll(/"[^"]*"/g, '').replaceAll(/#.*$/gm, '')
    const words = plain.match(/(?<![@\w.])[a-z]\w*(?:\.\w+)*/gi) ?? []
    for (const word of words) {
      const field = word.split('.')[0] ?? ''
      t.ok(known.has(field) || WORDS.has(word), `${word}: ${query}`)
    }
  }
})

/** Of the language of CloudWatch Logs Insights, and the names that the queries give to what they count. */
const WORDS = new Set(
  (
    'fields filter sort stats by desc asc limit count bin as and or not in like ispresent coalesce latest ' +
    'earliest sum max min dedup lines 1m 5m m first last held total'
  ).split(' '),
)

t.test('a section of the runbook has no query', async (t) => {
  const runbook = sourceOf('docs/runbook.md')
  const kinds = [...runbook.matchAll(/^## ([a-z-]+)$/gm)].map(([, kind = '']) => kind)
  for (const kind of kinds) t.match(guide, new RegExp(`^### ${kind}$`, 'm'), kind)
})
