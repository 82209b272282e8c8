import { AmpClient } from '@aws-sdk/client-amp'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { FirehoseClient } from '@aws-sdk/client-firehose'
import { GlueClient } from '@aws-sdk/client-glue'
import { GrafanaClient } from '@aws-sdk/client-grafana'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { KinesisAnalyticsV2Client } from '@aws-sdk/client-kinesis-analytics-v2'
import { KMSClient } from '@aws-sdk/client-kms'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SNSClient } from '@aws-sdk/client-sns'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export type RemainsClients = ReturnType<typeof createRemainsClients>

/** A client for each service that holds something of ours; credentials, region and endpoint as for deploying. */
export function createRemainsClients(isStandIn: boolean) {
  return {
    amp: new AmpClient({}),
    cloudWatch: new CloudWatchClient({}),
    ec2: new EC2Client({}),
    ecr: new ECRClient({}),
    ecs: new ECSClient({}),
    elastiCache: new ElastiCacheClient({}),
    firehose: new FirehoseClient({}),
    flink: new KinesisAnalyticsV2Client({}),
    glue: new GlueClient({}),
    grafana: new GrafanaClient({}),
    // HTTP/2, which the SDK would speak here, is more than a stand-in knows.
    kinesis: new KinesisClient({ requestHandler: new NodeHttpHandler() }),
    kms: new KMSClient({}),
    loadBalancing: new ElasticLoadBalancingV2Client({}),
    logs: new CloudWatchLogsClient({}),
    s3: new S3Client({ forcePathStyle: isStandIn }),
    secrets: new SecretsManagerClient({}),
    sns: new SNSClient({}),
    tagging: new ResourceGroupsTaggingAPIClient({}),
  }
}
