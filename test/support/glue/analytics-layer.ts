import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { Test } from 'tap'
import { deployStack } from '../../../deploy/local/deploy-stack.ts'
import { readLayer } from '../../../deploy/templates/layers.ts'
import { UPLOADED } from '../layers.ts'
import { STAND_IN_CREDENTIALS, startMinistack } from '../servers.ts'

export type AnalyticsLayer = {
  endpoint: string
  rawBucket: string
  analyticsBucket: string
  database: string
}

/** The raw layer and the catalog, made by the templates that AWS gets, in a stand-in of the test's own. */
export async function deployAnalyticsLayer(t: Test): Promise<AnalyticsLayer> {
  const { endpoint } = await startMinistack(t)
  const cloudFormation = new CloudFormationClient({ region: STAND_IN_CREDENTIALS.AWS_REGION, endpoint })
  const deploy = async (layer: 'data' | 'ingest', parameters: Record<string, string>) =>
    (
      await deployStack(cloudFormation, {
        name: `roadpulse-${layer}`,
        template: readLayer(layer),
        parameters,
      })
    ).outputs
  const data = await deploy('data', {})
  const ingest = await deploy('ingest', { ScriptKey: UPLOADED.ScriptKey })
  cloudFormation.destroy()
  return {
    endpoint,
    rawBucket: data.RawBucketName ?? '',
    analyticsBucket: data.AnalyticsBucketName ?? '',
    database: ingest.DatabaseName ?? '',
  }
}
