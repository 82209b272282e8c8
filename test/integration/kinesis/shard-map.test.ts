import { PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import t from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createShardMap } from '../../../lib/kinesis/shard-map.ts'
import { startKinesalite } from '../../support/servers.ts'
import { createStream, waitUntilActive } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const STREAM = 'mapped'
const KEYS = Array.from({ length: 300 }, (_, i) => `2016-02-08T05:46:00|39.${i}|-84.${i}`)

t.test('a key is taken for one of another shard, also after the stream was resharded', async (t) => {
  const { endpoint } = await startKinesalite(t)
  const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })
  t.teardown(() => kinesis.destroy())
  await createStream(kinesis, STREAM, 3)
  let now = 0
  const map = createShardMap({
    kinesis,
    stream: STREAM,
    signal: new AbortController().signal,
    clock: { ...systemClock, monotonic: () => now },
  })

  async function putAndCompare(): Promise<number> {
    const Records = KEYS.map((key) => ({ PartitionKey: key, Data: Buffer.from('x') }))
    const reply = await kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }))
    const shards = reply.Records?.map(({ ShardId = '' }) => ShardId) ?? []
    for (const shard of shards) map.saw(shard)
    return shards.filter((shard, i) => map.shardOf(KEYS[i] ?? '') !== shard).length
  }

  t.equal(map.shardOf('any'), undefined, 'nothing is known yet')
  await waitFor('the shards are known', () => map.shardOf('any') !== undefined, { deadlineMs: 5_000 })
  t.equal(await putAndCompare(), 0)

  await kinesis.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: `${2n ** 125n}`,
    }),
  )
  await waitUntilActive(kinesis, STREAM)
  t.ok((await putAndCompare()) > 0, 'the list is not asked for again at once')
  now += 5_000
  await waitFor('the new shards are known', async () => (await putAndCompare()) === 0, { deadlineMs: 5_000 })
})
