import { at, numberOf, type Rule, textOf, when } from './rule.ts'

const DELIVERY = ['AWS::KinesisFirehose::DeliveryStream']
const MIN_PARTITIONED_MIB = 64

export const deliveryRules: readonly Rule[] = [
  {
    name: 'errors-have-a-prefix',
    types: DELIVERY,
    find({ properties }) {
      const to = properties.ExtendedS3DestinationConfiguration
      const hasExpressions = textOf(at(to, 'Prefix')).includes('!{')
      const errors = textOf(at(to, 'ErrorOutputPrefix'))
      return when(
        hasExpressions && !errors.includes('!{firehose:error-output-type}'),
        'a Prefix with expressions needs an ErrorOutputPrefix with !{firehose:error-output-type}',
      )
    },
  },
  {
    name: 'partitions-have-a-large-buffer',
    types: DELIVERY,
    find({ properties }) {
      const to = properties.ExtendedS3DestinationConfiguration
      const isPartitioned = at(to, 'DynamicPartitioningConfiguration', 'Enabled') === true
      const isConverted = at(to, 'DataFormatConversionConfiguration', 'Enabled') === true
      const size = numberOf(at(to, 'BufferingHints', 'SizeInMBs'), 5)
      return when(
        (isPartitioned || isConverted) && size < MIN_PARTITIONED_MIB,
        `dynamic partitioning and conversion need a buffer of ${MIN_PARTITIONED_MIB} MiB, not ${size}`,
      )
    },
  },
  {
    name: 'firehose-comes-before-producers',
    types: DELIVERY,
    find({ layer, layers }) {
      const names = Object.keys(layers)
      const fleet = names.findIndex((name) => hasServices(layers[name as keyof typeof layers].resources))
      return when(
        names.indexOf(layer) >= fleet,
        'begins at the newest record: it must be there before a producer',
      )
    },
  },
]

function hasServices(resources: Record<string, { Type: string }>): boolean {
  return Object.values(resources).some(({ Type }) => Type === 'AWS::ECS::Service')
}
