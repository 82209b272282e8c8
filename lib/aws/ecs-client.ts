import { ECSClient } from '@aws-sdk/client-ecs'
import { type AwsAddress, clientSettings } from './aws-address.ts'

export function createEcsClient(address: AwsAddress): ECSClient {
  return new ECSClient(clientSettings(address, address.AWS_ENDPOINT_URL))
}
