import { SNSClient } from '@aws-sdk/client-sns'
import { type AwsAddress, clientSettings } from './aws-address.ts'

/** Whoever tells people tries again itself, and says so meanwhile. */
export function createSnsClient(address: AwsAddress): SNSClient {
  const endpoint = address.AWS_ENDPOINT_URL_SNS ?? address.AWS_ENDPOINT_URL
  return new SNSClient({ ...clientSettings(address, endpoint), maxAttempts: 1 })
}
