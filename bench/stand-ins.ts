import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kinesisPart } from '../deploy/local/parts/kinesis.ts'
import { redisPart } from '../deploy/local/parts/redis.ts'
import { choosePort } from '../deploy/local/ports.ts'
import { LOCAL_AWS } from '../deploy/local/stack-options.ts'
import { SupervisedPart } from '../deploy/local/supervised-part.ts'
import { Tools } from '../deploy/local/tools.ts'
import { ensureVirtualEnvironment } from '../deploy/local/virtual-environment.ts'

const VENV_FOLDER = fileURLToPath(new URL('../.roadpulse/venv', import.meta.url))

export type StandIns = {
  /** What processes need to find them, as environment variables. */
  environment: { REDIS_URL: string; AWS_ENDPOINT_URL: string } & typeof LOCAL_AWS
  stop(): Promise<void>
}

/** A Kinesis and a Redis for benches of the library alone, configured as the local stack configures them. */
export async function startStandIns(): Promise<StandIns> {
  Object.assign(process.env, LOCAL_AWS)
  const folder = mkdtempSync(join(tmpdir(), 'roadpulse-bench-'))
  const environment = await ensureVirtualEnvironment({ folder: VENV_FOLDER, tools: new Tools() })
  const parts = [
    kinesisPart({
      port: await choosePort(0),
      folder: `${folder}/kinesis`,
      region: LOCAL_AWS.AWS_REGION,
    }),
    redisPart({
      port: await choosePort(0),
      folder: `${folder}/redis`,
      path: process.env.PATH ?? '',
      environment,
    }),
  ].map(
    (part) =>
      new SupervisedPart(part, {
        logFolder: folder,
        environment: process.env,
        events: {
          onState: () => undefined,
          onDeath: ({ part: { name } }, how) => console.error(`${name} ended: ${how}`),
          onSpawn: () => undefined,
          onExit: () => undefined,
        },
      }),
  )
  await Promise.all(parts.map((part) => part.start()))
  const [kinesis, redis] = parts.map(({ part }) => part.address ?? '')
  return {
    environment: { ...LOCAL_AWS, REDIS_URL: redis ?? '', AWS_ENDPOINT_URL: kinesis ?? '' },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
