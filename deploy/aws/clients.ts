import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { ECRClient } from '@aws-sdk/client-ecr'
import { GrafanaClient } from '@aws-sdk/client-grafana'
import { IAMClient } from '@aws-sdk/client-iam'
import { KinesisAnalyticsV2Client } from '@aws-sdk/client-kinesis-analytics-v2'
import { S3Client } from '@aws-sdk/client-s3'
import { SSOAdminClient } from '@aws-sdk/client-sso-admin'
import { STSClient } from '@aws-sdk/client-sts'

export type DeployClients = ReturnType<typeof createDeployClients>

/**
 * Clients that find credentials, region and endpoint where the AWS command line finds them: the environment, then the
 * profile.
 */
export function createDeployClients(isStandIn: boolean) {
  return {
    cloudFormation: new CloudFormationClient({}),
    ecr: new ECRClient({}),
    flink: new KinesisAnalyticsV2Client({}),
    grafana: new GrafanaClient({}),
    iam: new IAMClient({}),
    // A stand-in has one host name for all buckets.
    s3: new S3Client({ forcePathStyle: isStandIn }),
    sso: new SSOAdminClient({}),
    sts: new STSClient({}),
  }
}
