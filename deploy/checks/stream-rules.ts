import { at, type Rule, textOf, when } from './rule.ts'

const STREAM = ['AWS::Kinesis::Stream']

export const streamRules: readonly Rule[] = [
  {
    name: 'shards-fit-the-mode',
    types: STREAM,
    find({ properties }) {
      const mode = textOf(at(properties.StreamModeDetails, 'StreamMode'), 'PROVISIONED')
      const hasShards = properties.ShardCount !== undefined
      return [
        ...when(mode === 'ON_DEMAND' && hasShards, 'an on-demand stream takes no ShardCount'),
        ...when(mode === 'PROVISIONED' && !hasShards, 'a provisioned stream needs a ShardCount'),
      ]
    },
  },
  {
    name: 'stream-is-encrypted',
    types: STREAM,
    find: ({ properties }) => when(properties.StreamEncryption === undefined, 'is not encrypted'),
  },
]
