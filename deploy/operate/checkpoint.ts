import { RoadpulseError } from '../../lib/errors.ts'
import { setCheckpoint } from '../../lib/kinesis/set-checkpoint.ts'
import { readShardTable } from '../../lib/kinesis/shard-table.ts'
import { readCheckpointOptions } from './checkpoint-options.ts'
import { findApplication, WHERE_HELP } from './find-application.ts'
import { runCommand } from './run-command.ts'

const HELP = `npm run checkpoint -- set --shard ID [--shard ID ...] --at WHERE [--yes]
npm run checkpoint -- reset --shard ID [--shard ID ...] [--yes]

Moves the checkpoint of shards: the next owner begins there. What lies between is handled again when it goes back, and
never when it goes forward. Without --yes it only says what it would do. A shard that a worker owns is refused: stop the
consumers first. Prints the command that undoes it.

  --shard ID   which shard; may be given several times (npm run shards lists them)
  --at WHERE   a sequence number (after it), TRIM_HORIZON (the oldest record), LATEST (skips what is there), SHARD_END,
               or a time such as 2026-01-31T12:00:00Z
  --yes        do it
  --dry-run    only say what would be done (the default)
  --help       this text

${WHERE_HELP}`

await runCommand('checkpoint', async () => {
  const options = readCheckpointOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const { redis, name } = await findApplication(process.env)
  const table = new Map((await readShardTable(redis, name)).map((row) => [row.shardId, row]))
  const faults = options.shards.flatMap((shardId) => {
    const row = table.get(shardId)
    if (row === undefined) return `${shardId} is no shard of ${name} (npm run shards lists them)`
    return row.owner === undefined ? [] : `${shardId} is owned by ${row.owner}: stop the consumers first`
  })
  if (faults.length > 0) throw new RoadpulseError('CONFIGURATION', faults.join('; '))
  for (const shardId of options.shards) {
    if (!options.isSure) {
      console.log(`${shardId}: would go from ${table.get(shardId)?.checkpoint} to ${options.at}`)
      continue
    }
    const { result, before } = await setCheckpoint(redis, name, shardId, options.at)
    if (result === 'set') {
      console.log(`${shardId}: ${before} -> ${options.at}`)
      console.log(`  undo: npm run checkpoint -- set --shard ${shardId} --at ${before} --yes`)
    } else {
      // Somebody was faster than the look at the table.
      const why = result === 'owned' ? 'a worker has taken it meanwhile' : 'it has left the stream meanwhile'
      throw new RoadpulseError('CONFIGURATION', `${shardId}: ${why}; nothing was changed for it`)
    }
  }
  if (!options.isSure) console.log('nothing was changed; add --yes to do it')
  redis.disconnect()
})
