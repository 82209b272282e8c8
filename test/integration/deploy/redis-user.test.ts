import t from 'tap'
import { textOf } from '../../../deploy/checks/rule.ts'
import { startApiProcess } from '../../support/api-process.ts'
import { allLayers } from '../../support/layers.ts'
import { startProcess } from '../../support/processes.ts'
import { generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'

const FILE = { seed: 5, rows: 600, rate: 50 }
const PASSWORD = 'of-the-fleet'

t.test('a command that a process sends to Redis is forbidden to the user that AWS gives it', async (t) => {
  const access = textOf(allLayers({}).fleet.resources.RedisUser?.Properties.AccessString)
  const [on = '', ...rules] = access.split(' ')
  const servers = await startProducerServers(t, ['--user', 'fleet', on, `>${PASSWORD}`, ...rules])
  await servers.putSource('a.csv', await generate(FILE))
  const { start, apiOptions } = await servers.prepare(t, 'user')
  const REDIS_URL = apiOptions.REDIS_URL.replace('redis://', `redis://fleet:${PASSWORD}@`)

  start({ REDIS_URL, LIVE_SOURCE: 's3://source/a.csv' })
  startProcess(t, 'workers/consumer/main.ts', { ...apiOptions, REDIS_URL })
  const api = await startApiProcess(t, { ...apiOptions, REDIS_URL })
  const replay = {
    source: { kind: 'csv', uri: 's3://source/a.csv' },
    pace: { kind: 'rate', rowsPerSecond: 20 },
  }
  const created = await api.ask('POST', '/replays', replay)
  t.equal(created.status, 202)
  const location = created.headers.get('location') ?? ''
  await waitFor('the replay runs', async () => (await api.ask('GET', location)).body.state === 'running', {
    deadlineMs: 20_000,
  })
  for (const action of ['/pause', '/resume'])
    t.equal((await api.ask('POST', location + action)).status, 200, action)
  t.equal((await api.ask('DELETE', location)).status, 200)
  await servers.waitForState('live-1', 'finished')
  await waitFor(
    'a consumer holds a shard',
    async () => {
      const { body } = await api.ask('GET', '/fleet')
      return (body.shards as { owner: string | null }[]).some(({ owner }) => owner !== null)
    },
    { deadlineMs: 20_000 },
  )

  t.strictSame(await servers.redis.call('ACL', 'LOG'), [], 'nobody was refused anything')
  const asFleet = servers.redis.duplicate({ username: 'fleet', password: PASSWORD })
  t.teardown(() => asFleet.disconnect())
  await t.rejects(asFleet.flushall(), /NOPERM/, 'and nobody can empty it')
})
