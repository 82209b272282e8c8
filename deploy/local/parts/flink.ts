import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Part } from '../part.ts'

const FLINK_JOB = fileURLToPath(new URL('../../../flink-job/', import.meta.url))
const JAR = `${FLINK_JOB}target/flink-job.jar`
/** Classes that a run has loaded, as the JVM had them in memory: the next runs start a third faster. */
const CLASS_ARCHIVE = `${FLINK_JOB}target/loaded-classes.jsa`
const REST_TIMEOUT_MS = 1_500

export type FlinkPartOptions = {
  restPort: number
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
    readyDeadlineMs: 90_000,
    // The first run writes its class archive when it ends.
    stopDeadlineMs: 15_000,
    command() {
      mkdirSync(options.folder, { recursive: true })
      const properties = `${options.folder}/application-properties.json`
      writeFileSync(properties, JSON.stringify(applicationProperties(options), null, 2))
      const runtime = readFileSync(`${FLINK_JOB}target/classpath.txt`, 'utf8').trim()
      return {
        program: 'java',
        args: [
          `@${FLINK_JOB}local.jvm-options`,
          ...classArchive(),
          `-Droadpulse.properties=${properties}`,
          '-cp',
          `${JAR}:${runtime}`,
          'roadpulse.job.AccidentsJob',
        ],
      }
    },
    async isReady() {
      const response = await fetch(`${rest}/jobs/overview`, { signal: AbortSignal.timeout(REST_TIMEOUT_MS) })
      const { jobs } = (await response.json()) as { jobs: { state: string; tasks: Record<string, number> }[] }
      return jobs.some((job) => job.state === 'RUNNING' && job.tasks.running === job.tasks.total)
    },
  }
}

/** Uses the class archive if it is of this jar, else lets the run write it (class data sharing, JEP 350). */
function classArchive(): string[] {
  const writtenAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (writtenAt(CLASS_ARCHIVE) <= writtenAt(JAR)) return [`-XX:ArchiveClassesAtExit=${CLASS_ARCHIVE}`]
  return [`-XX:SharedArchiveFile=${CLASS_ARCHIVE}`]
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
      },
    },
  ]
}
