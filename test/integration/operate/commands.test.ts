import { execFile } from 'node:child_process'
import { Redis } from 'ioredis'
import t from 'tap'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { startRedis } from '../../support/servers.ts'

const APPLICATION = 'operated'
const TTL_MS = 60_000

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const store = createLeaseStore({ redis, application: APPLICATION })
await store.create([
  { shardId: 'shard-1', parents: [], checkpoint: 'TRIM_HORIZON' },
  { shardId: 'shard-2', parents: ['shard-1'], checkpoint: 'TRIM_HORIZON' },
])

type Ended = { code: number; output: string }

function run(command: 'shards' | 'checkpoint', args: string[], environment: Record<string, string> = {}) {
  const main = new URL(`../../../deploy/operate/${command}.ts`, import.meta.url).pathname
  const env = { ...process.env, REDIS_URL: url, CONSUMER_APPLICATION: APPLICATION, ...environment }
  return new Promise<Ended>((resolve) => {
    execFile(process.execPath, [main, ...args], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
    })
  })
}

const checkpointOf = async (shardId: string) => (await store.readCheckpoints()).get(shardId)

t.test('a checkpoint changes under a worker, or on a dry run', async (t) => {
  const { acquired } = await store.acquire('worker-1', [], TTL_MS)
  const lease = acquired[0] as (typeof acquired)[0]
  const shards = await run('shards', [])
  t.match(shards.output, /shard-1 +- +worker-1 +\d+ +TRIM_HORIZON/)
  t.match(shards.output, /shard-2 +shard-1 +NOBODY/)
  const renewal = { ttlMs: TTL_MS, isLeaving: false, utilization: 0 }
  await store.renew('worker-1', [{ ...lease, lagMs: 200, bytesPerSecond: 1_500 }], renewal)
  await store.renew('worker-2', [], renewal)
  await store.handOff('worker-1', [{ ...lease, heir: 'worker-2' }], TTL_MS)
  t.match((await run('shards', [])).output, /worker-1 -> worker-2 .* 0\.2 s +1\.5 kB\/s/)
  const json = JSON.parse((await run('shards', ['--json'])).output) as unknown
  t.match(json, [{ shardId: 'shard-1', owner: 'worker-1', epoch: lease.epoch }, { shardId: 'shard-2' }])

  const owned = await run('checkpoint', ['set', '--shard', 'shard-1', '--at', '4958', '--yes'])
  t.match(owned, { code: 2, output: /shard-1 is owned by worker-1: stop the consumers first/ })
  await store.release('worker-1', [lease])
  const dry = await run('checkpoint', ['set', '--shard', 'shard-1', '--at', '4958'])
  t.match(dry, { code: 0, output: /would go from TRIM_HORIZON to 4958\n.*add --yes/s })
  t.equal(await checkpointOf('shard-1'), 'TRIM_HORIZON')
})

t.test('a checkpoint that was set cannot be undone, or the owner before writes over it', async (t) => {
  const [before] = await readShardTable(redis, APPLICATION)
  const set = await run('checkpoint', ['set', '--shard', 'shard-1', '--at', '2026-01-31T12:00:00Z', '--yes'])
  t.match(set, { code: 0, output: /undo: npm run checkpoint -- set --shard shard-1 --at TRIM_HORIZON --yes/ })
  t.equal(await checkpointOf('shard-1'), `AT_TIMESTAMP:${Date.parse('2026-01-31T12:00:00Z')}`)
  const [after] = await readShardTable(redis, APPLICATION)
  t.ok((after?.epoch ?? 0) > (before?.epoch ?? 0), 'who owned it before is fenced')
  t.equal((await run('checkpoint', ['reset', '--shard', 'shard-1', '--yes'])).code, 0)
  t.equal(await checkpointOf('shard-1'), 'TRIM_HORIZON')
})

t.test('wrong arguments are named one at a time, or end in a stack trace', async (t) => {
  const wrong = await run('checkpoint', ['put', '--at', 'yesterday', '--yes', '--dry-run'])
  t.equal(wrong.code, 2)
  t.match(wrong.output, /expected set or reset; --shard is missing.*; --at: got "yesterday".*contradict/)
  t.equal(wrong.output.trimEnd().split('\n').length, 1)
  t.match(await run('checkpoint', ['reset', '--shard', 'none', '--yes']), {
    code: 2,
    output: /none is no shard of/,
  })
  t.match(await run('shards', ['--jsn']), { code: 2, output: /--help/ })
  const away = await run('shards', [], { REDIS_URL: 'redis://user:secret@127.0.0.1:1' })
  t.match(away, { code: 2, output: /redis:\/\/\*\*\*@127.0.0.1:1 cannot be reached/ })
  t.notMatch(away.output, /secret/)
  t.match(await run('checkpoint', ['--help']), { code: 0, output: /--dry-run/ })
})
