import type { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis'
import t from 'tap'
import { listShards } from '../../../lib/kinesis/list-shards.ts'

t.test('a second page of shards is not read, or one parent of a merge is forgotten', async (t) => {
  const requests: unknown[] = []
  const range = { StartingSequenceNumber: '11', EndingSequenceNumber: '22' }
  const pages = [
    { Shards: [{ ShardId: '1', SequenceNumberRange: range }], NextToken: 'more' },
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
  t.strictSame(await listShards(kinesis, 'stream'), [
    { shardId: '1', parents: [], startingSequenceNumber: '11', isOpen: false },
    { shardId: '3', parents: ['1', '2'], startingSequenceNumber: '33', isOpen: true },
  ])
  t.strictSame(requests, [{ StreamName: 'stream' }, { NextToken: 'more' }], 'the token stands alone')
})
