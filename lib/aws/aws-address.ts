import { createHttpHandler } from './http-handler.ts'

/** The environment's description of AWS, as `awsOptions` reads it. */
export type AwsAddress = {
  AWS_REGION: string
  AWS_ENDPOINT_URL?: string
  AWS_ENDPOINT_URL_KINESIS?: string
  AWS_ENDPOINT_URL_SNS?: string
}

/** What every client is made with. `endpoint` is that of a stand-in. */
export function clientSettings({ AWS_REGION: region }: AwsAddress, endpoint: string | undefined) {
  return { region, ...(endpoint === undefined ? {} : { endpoint }), requestHandler: createHttpHandler() }
}
