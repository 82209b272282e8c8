import { Redis } from 'ioredis'
import t from 'tap'
import { createBrokenSinceStore } from '../../../api/pipeline/broken-since.ts'
import { startRedis } from '../../support/servers.ts'

t.test('of two apis that see a difference the first moment is kept, and one removal ends it', async (t) => {
  const { url } = await startRedis(t)
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const [one, other] = [createBrokenSinceStore(redis), createBrokenSinceStore(redis)]
  t.equal(await one.read('live-1'), undefined)
  t.equal(await one.write('live-1', 1_000), 1_000)
  t.equal(await other.write('live-1', 2_000), 1_000)
  t.equal(await other.read('live-1'), 1_000)
  await one.remove('live-1')
  t.equal(await other.write('live-1', 3_000), 3_000)
  const [key = ''] = await redis.keys('*')
  t.ok((await redis.ttl(key)) > 0, 'it does not stay for ever')
})
