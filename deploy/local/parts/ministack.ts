import type { Part } from '../part.ts'
import type { VirtualEnvironment } from '../virtual-environment.ts'

const HEALTH_TIMEOUT_MS = 1_000

/** S3, SNS, SQS, CloudWatch and CloudFormation. `prepare` deploys into it. */
export function ministackPart(options: {
  port: number
  folder: string
  environment: VirtualEnvironment
  prepare: NonNullable<Part['prepare']>
}): Part {
  const endpoint = `http://127.0.0.1:${options.port}`
  return {
    name: 'ministack',
    address: endpoint,
    readyDeadlineMs: 30_000,
    stopDeadlineMs: 2_000,
    command: () => ({
      program: options.environment.python,
      args: ['-m', 'ministack'],
      environment: {
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: `${options.port}`,
        // Objects are written as they come; what was deployed, only when it ends cleanly.
        S3_PERSIST: '1',
        PERSIST_STATE: '1',
        S3_DATA_DIR: `${options.folder}/s3`,
        STATE_DIR: `${options.folder}/state`,
      },
    }),
    async isReady() {
      const response = await fetch(`${endpoint}/_ministack/health`, {
        signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
      })
      return response.ok
    },
    prepare: options.prepare,
  }
}
