import { readRebuiltSince } from '../../lib/kinesis/lease-store.ts'
import { readShardTable } from '../../lib/kinesis/shard-table.ts'
import { findApplication, WHERE_HELP } from './find-application.ts'
import { parseArguments } from './parse-arguments.ts'
import { runCommand } from './run-command.ts'
import { renderShards } from './shards-table.ts'

const HELP = `npm run shards -- [options]

Shows each shard of the processed stream: its parents, the worker that owns it, the epoch of its lease, how far it has
been handled (checkpoint), how long ago that was written (age), and how far its owner is behind.

  --json   as JSON, with all digits
  --help   this text

${WHERE_HELP}`

await runCommand('shards', async () => {
  const { values } = parseArguments({
    args: process.argv.slice(2),
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  const { redis, name } = await findApplication(process.env)
  const rows = await readShardTable(redis, name)
  const rebuiltSince = await readRebuiltSince(redis, name)
  redis.disconnect()
  if (values.json === true) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  if (rows.length === 0) console.log(`the application ${name} has no leases: no consumer has started yet`)
  else console.log(renderShards(rows, Date.now()))
  if (rebuiltSince !== undefined) {
    console.log(`Redis had lost everything: rebuilt since ${new Date(rebuiltSince).toISOString()}`)
  }
})
