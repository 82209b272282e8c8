import { DescribeDeliveryStreamCommand } from '@aws-sdk/client-firehose'
import { GetJobCommand } from '@aws-sdk/client-glue'
import { DescribeApplicationCommand } from '@aws-sdk/client-kinesis-analytics-v2'
import { type Probe, unlessMissing } from './probe.ts'

/** Of the layers ingest and flink. */
export const streamingProbes: readonly Probe[] = [
  {
    type: 'AWS::KinesisFirehose::DeliveryStream',
    what: 'Firehose',
    find({ firehose }, { project }) {
      const answer = firehose.send(
        new DescribeDeliveryStreamCommand({ DeliveryStreamName: `${project}-raw` }),
      )
      return unlessMissing(
        answer.then(() => [{ id: `${project}-raw` }]),
        'ResourceNotFoundException',
      )
    },
  },
  {
    type: 'AWS::Glue::Job',
    what: 'Glue job',
    find({ glue }, { project }) {
      const answer = glue.send(new GetJobCommand({ JobName: `${project}-curate` }))
      return unlessMissing(
        answer.then(() => [{ id: `${project}-curate` }]),
        'EntityNotFoundException',
      )
    },
  },
  {
    type: 'AWS::KinesisAnalyticsV2::Application',
    what: 'Flink application',
    find({ flink }, { project }) {
      const answer = flink.send(new DescribeApplicationCommand({ ApplicationName: project }))
      return unlessMissing(
        answer.then(() => [{ id: project }]),
        'ResourceNotFoundException',
      )
    },
  },
]
