import { randomBytes } from 'node:crypto'
import { hashOf, parseAccessTokens, ROLES } from '../../api/access/access-tokens.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import { parseArguments } from './parse-arguments.ts'
import { runCommand } from './run-command.ts'

const HELP = `npm run token -- --role read|operate [--name NAME]

Makes a random token for the api, and the entry of API_TOKENS that knows it. The token is shown once and kept nowhere.

  --role ROLE  read: sees everything; operate: also starts, changes and ends replays, and feeds dead letters in again
  --name NAME  whose it is, for the log: 1 to 64 letters, digits and ._@-
  --help       this text
`
const TOKEN_BYTES = 32

await runCommand('token', async () => {
  const { values } = parseArguments({
    args: process.argv.slice(2),
    options: { role: { type: 'string' }, name: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  const { role, name } = values
  if (role === undefined) {
    throw new RoadpulseError('CONFIGURATION', `--role is missing, expected ${ROLES.join(' or ')}; see --help`)
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const entry = [role, ...(name === undefined ? [] : [name]), hashOf(token)].join(':')
  // The same look at it as when the api starts.
  parseAccessTokens(entry)
  console.log(`token:             ${token}`)
  console.log(`add to API_TOKENS: ${entry}`)
})
