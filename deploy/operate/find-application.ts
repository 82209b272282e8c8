import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { RoadpulseError } from '../../lib/errors.ts'
import type { Environment } from '../../lib/process/read-options.ts'
import { readRunningStack } from '../local/stack-file.ts'

const STACK_FILE = fileURLToPath(new URL('../../.roadpulse/stack.json', import.meta.url))
const DEFAULT_APPLICATION = 'roadpulse-consumer'
const CONNECT_TIMEOUT_MS = 3_000

/** What the commands say of where they look. */
export const WHERE_HELP = `Where it looks: REDIS_URL, or else the Redis of the demo that runs on this machine.
CONSUMER_APPLICATION names the application (default ${DEFAULT_APPLICATION}).
`

export type Application = { redis: Redis; name: string }

/** Connects to the leases of the application that the environment names. Throws `CONFIGURATION` when there are none to find. */
export async function findApplication(environment: Environment): Promise<Application> {
  const url = environment.REDIS_URL ?? readRunningStack(STACK_FILE)?.parts.redis?.address
  if (url === undefined) {
    throw new RoadpulseError(
      'CONFIGURATION',
      'REDIS_URL is not set, and no demo runs on this machine: set it to the Redis of the consumers',
    )
  }
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  })
  // `connect` rejects with what is wrong.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
  } catch (error) {
    throw new RoadpulseError('CONFIGURATION', `the Redis at ${withoutPassword(url)} cannot be reached`, error)
  }
  return { redis, name: environment.CONSUMER_APPLICATION ?? DEFAULT_APPLICATION }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@')
}
