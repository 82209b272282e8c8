import type { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis'
import t from 'tap'
import { ALL_HASH_KEYS } from '../../../lib/kinesis/hash-key-range.ts'
import { listShards } from '../../../lib/kinesis/list-shards.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

t.test('a second page of shards is not read, or one parent of a merge is forgotten', async (t) => {
  const requests: unknown[] = []
  const range = { StartingSequenceNumber: '11', EndingSequenceNumber: '22' }
  const hashKeys = { StartingHashKey: '7', EndingHashKey: '340282366920938463463374607431768211455' }
  const pages = [
    { Shards: [{ ShardId: '1', SequenceNumberRange: range, HashKeyRange: hashKeys }], NextToken: 'more' },
    {
      Shards: [
        {
          ShardId: '3',
          ParentShardId: '1',
          AdjacentParentShardId: '2',
          SequenceNumberRange: { StartingSequenceNumber: '33' },
        },
      ],
    },
  ]
  const kinesis = {
    async send({ input }: ListShardsCommand) {
      requests.push(input)
      return pages[requests.length - 1]
    },
  } as unknown as KinesisClient
  const { signal } = new AbortController()
  const clock = createSimulatedClock()
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/stream'
  t.strictSame(await listShards({ kinesis, stream: arn, filter: { Type: 'AT_LATEST' }, signal, clock }), [
    {
      shardId: '1',
      parents: [],
      startingSequenceNumber: '11',
      isOpen: false,
      hashKeys: { start: 7n, end: 2n ** 128n - 1n },
    },
    {
      shardId: '3',
      parents: ['1', '2'],
      startingSequenceNumber: '33',
      isOpen: true,
      hashKeys: ALL_HASH_KEYS,
    },
  ])
  t.strictSame(
    requests,
    [{ StreamARN: arn, ShardFilter: { Type: 'AT_LATEST' } }, { NextToken: 'more' }],
    'the token stands alone',
  )
})
