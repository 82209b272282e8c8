import { writeFileSync } from 'node:fs'
import t from 'tap'
import { readDeployOptions } from '../../../deploy/aws/deploy-options.ts'
import { readLayers } from '../../../deploy/templates/resolve-layers.ts'

const templates = readLayers()
const read = (args: string[], environment = {}) => readDeployOptions(args, environment, templates)
const messageOf = (args: string[], environment = {}) => {
  try {
    read(args, environment)
    return 'no fault'
  } catch (error) {
    return (error as Error).message
  }
}

t.test('one fault hides another, so that they are found one deploy at a time', (t) => {
  const folder = t.testdir({ 'list.json': '[1]' })
  const args = ['now', '--project', 'X', '--set', 'Size=huge', '--set', 'LiveRate=0', '--set', 'Colour=red']
  args.push(
    '--set',
    'JarKey=flink/a.jar',
    '--set',
    'Workers',
    '--set',
    'AlertEmail=nobody',
    '--yes',
    '--dry-run',
  )
  args.push('--parameters', `${folder}/list.json`, '--jar', 'none.jar')
  const message = messageOf(args, { API_TOKENS: 'operate:0' })
  for (const fault of [
    '"now" is not understood',
    '--project: got "X", expected 3 to 20 lower-case letters, digits and hyphens',
    'Size: got "huge", expected one of frugal, small, production',
    'LiveRate: got "0", expected a number from 1 to 100000',
    'there is no parameter Colour',
    'JarKey is not given',
    '--set: got "Workers", expected Name=Value',
    'AlertEmail: got "nobody", expected an address, or nothing',
    '--jar: there is no none.jar',
    '--yes and --dry-run contradict each other',
    'list.json: expected one JSON object',
    'API_TOKENS: expected role:sha256',
  ])
    t.match(message, fault)
  t.end()
})

t.test('a secret can be given where others see it, or is repeated in a message', (t) => {
  t.match(messageOf(['--set', 'ApiTokens=operate:secret']), 'a secret does not belong on a command line')
  t.notMatch(messageOf(['--set', 'ApiTokens=operate:secret']), 'operate:secret')
  t.notMatch(messageOf([], { API_TOKENS: 'admin:hush' }), 'hush')
  t.end()
})

t.test('a value on the command line loses against the file, or a number in the file is not taken', (t) => {
  const file = `${t.testdir()}/parameters.json`
  writeFileSync(file, JSON.stringify({ Size: 'frugal', LiveRate: 20, AlertEmail: 'a=b@example.com' }))
  const options = read(['--parameters', file, '--set', 'Size=small', '--set', 'LiveSource=csv/a=b.csv'], {
    API_TOKENS: `read:${'0'.repeat(64)}`,
    AWS_ENDPOINT_URL: '',
  })
  t.strictSame(options?.parameters, {
    Size: 'small',
    LiveRate: '20',
    AlertEmail: 'a=b@example.com',
    LiveSource: 'csv/a=b.csv',
    ApiTokens: `read:${'0'.repeat(64)}`,
  })
  t.equal(options?.endpoint, undefined, 'an empty address is none')
  t.equal(read(['--help']), undefined)
  t.end()
})
