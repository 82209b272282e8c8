import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command, Part } from '../part.ts'

const FLINK_JOB = fileURLToPath(new URL('../../../flink-job/', import.meta.url))
/** The classes that a start loads, as the JVM has them in memory: mapping them makes a start a third faster. */
export const CLASS_ARCHIVE = `${FLINK_JOB}target/loaded-classes.jsa`
const REST_TIMEOUT_MS = 1_500

export type FlinkPartOptions = {
  restPort: number
  /** What Prometheus scrapes. */
  metricsPort: number
  folder: string
  rawStream: string
  processedStream: string
  region: string
  kinesisEndpoint: string
  latenessSeconds: number
  tipSlackSeconds: number
  checkpointIntervalMs: number
}

/** The Flink job with all of Flink in one JVM. It resumes from the latest checkpoint that it finds in its folder. */
export function flinkPart(options: FlinkPartOptions): Part {
  const rest = `http://127.0.0.1:${options.restPort}`
  return {
    name: 'flink',
    address: rest,
    metrics: `http://127.0.0.1:${options.metricsPort}/metrics`,
    readyDeadlineMs: 90_000,
    stopDeadlineMs: 4_000,
    command: () =>
      flinkCommand(options, existsSync(CLASS_ARCHIVE) ? [`-XX:SharedArchiveFile=${CLASS_ARCHIVE}`] : []),
    async isReady() {
      const response = await fetch(`${rest}/jobs/overview`, { signal: AbortSignal.timeout(REST_TIMEOUT_MS) })
      const { jobs } = (await response.json()) as { jobs: { state: string; tasks: Record<string, number> }[] }
      return jobs.some((job) => job.state === 'RUNNING' && job.tasks.running === job.tasks.total)
    },
  }
}

export function flinkCommand(options: FlinkPartOptions, jvmOptions: readonly string[]): Command {
  // A JVM that is killed leaves what it unpacked, 200 MB: here the next one finds it.
  const unpacked = `${options.folder}/tmp`
  rmSync(unpacked, { recursive: true, force: true })
  mkdirSync(unpacked, { recursive: true })
  const properties = `${options.folder}/application-properties.json`
  writeFileSync(properties, JSON.stringify(applicationProperties(options), null, 2))
  const runtime = readFileSync(`${FLINK_JOB}target/classpath.txt`, 'utf8').trim()
  return {
    program: 'java',
    args: [
      `@${FLINK_JOB}local.jvm-options`,
      ...jvmOptions,
      `-Djava.io.tmpdir=${unpacked}`,
      `-Droadpulse.properties=${properties}`,
      '-cp',
      `${FLINK_JOB}target/flink-job.jar:${runtime}`,
      'roadpulse.job.AccidentsJob',
    ],
  }
}

/** The property groups that Managed Flink hands to an application, and one that only exists on one machine. */
function applicationProperties(options: FlinkPartOptions) {
  return [
    {
      PropertyGroupId: 'Roadpulse',
      PropertyMap: {
        'raw.stream': options.rawStream,
        'processed.stream': options.processedStream,
        'aws.region': options.region,
        'kinesis.endpoint': options.kinesisEndpoint,
        'lateness.seconds': `${options.latenessSeconds}`,
        'tip.slack.seconds': `${options.tipSlackSeconds}`,
      },
    },
    {
      PropertyGroupId: 'Local',
      PropertyMap: {
        'checkpoint.dir': `${options.folder}/checkpoints`,
        'checkpoint.interval.ms': `${options.checkpointIntervalMs}`,
        parallelism: '2',
        'rest.port': `${options.restPort}`,
        'metrics.port': `${options.metricsPort}`,
      },
    },
  ]
}
