import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { FeedPipeline, Pipeline } from '../../api/pipeline/pipeline.ts'
import { buildFlinkJob } from '../../deploy/local/build-flink-job.ts'
import type { DataLayer } from '../../deploy/local/deploy-data.ts'
import { createStack, type Stack } from '../../deploy/local/stack.ts'
import { DEFAULT_STACK, LOCAL_AWS, type StackOptions } from '../../deploy/local/stack-options.ts'
import { Tools } from '../../deploy/local/tools.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { uploadSource } from '../../lib/sources/upload-source.ts'
import { waitFor } from './wait-for.ts'

const VENV_FOLDER = fileURLToPath(new URL('../../.roadpulse/venv', import.meta.url))
/** Short, so that windows close soon after the last row; long enough that no row is late that is not meant to be. */
const LATENESS_SECONDS = 10
const TIP_SLACK_SECONDS = 2

Object.assign(process.env, LOCAL_AWS)

export type PipelineUnderTest = {
  stack: Stack
  /** Where the CSV is in S3, s3://bucket/key. */
  source: string
  data: DataLayer
  /** Asks the api. */
  get<T>(path: string): Promise<T>
  /** The counts of the feed, `live` by default; undefined while the api does not know it or does not answer. */
  feed(name?: string): Promise<FeedPipeline | undefined>
  /** Waits until the feed is finished and every law holds exactly. */
  settled(options: { deadlineMs: number; name?: string }): Promise<FeedPipeline>
  /** What the stack said of parts that died, in order. */
  deaths: string[]
  /** The parts that were stopped, in order. */
  stopped: string[]
}

/** Starts the whole pipeline on a CSV, with ports, state and times of its own, and stops all of it after the test. */
export async function startPipeline(
  t: Test,
  csv: string,
  options: Partial<
    Pick<StackOptions, 'live' | 'environment' | 'checkpointIntervalMs' | 'latenessSeconds'>
  > = {},
): Promise<PipelineUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'roadpulse-'))
  await buildFlinkJob({ logFolder: folder, onProgress: (message) => t.comment(message), tools: new Tools() })
  const deaths: string[] = []
  const stopped: string[] = []
  const stack = await createStack(
    {
      ...DEFAULT_STACK,
      ports: { api: 0, flink: 0, ministack: 0, kinesis: 0, redis: 0, probes: 0 },
      latenessSeconds: LATENESS_SECONDS,
      tipSlackSeconds: TIP_SLACK_SECONDS,
      checkpointIntervalMs: 2_000,
      folder,
      venvFolder: VENV_FOLDER,
      host: process.env,
      ...options,
      environment: { firehose: { FIREHOSE_BUFFER_SECONDS: '2' }, ...options.environment },
    },
    {
      onNotice: (message) => t.comment(message),
      onState: (part, state) => void (state === 'stopped' && stopped.push(part.part.name)),
      onDeath: (part, how) => deaths.push(`${part.part.name}: ${how}`),
    },
  )
  t.teardown(async () => {
    await stack.stop()
    // What a red test leaves is there to be looked at.
    if (t.passing()) rmSync(folder, { recursive: true, force: true })
    else t.comment(`state and logs: ${folder}`)
  })
  const data = await stack.startData()
  const s3 = createS3Client(stack.addresses.aws)
  const source = await uploadSource({
    s3,
    bucket: data.SourceBucketName,
    file: csv,
    onProgress: () => undefined,
  })
  s3.destroy()
  await stack.startStreaming(source)

  let lastSeen: FeedPipeline | undefined
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${stack.addresses.api}${path}`)
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const feed = async (name = 'live') => {
    const { feeds } = await get<Pipeline>('/pipeline')
    lastSeen = feeds.find((one) => one.feed === name || one.alias === name)
    return lastSeen
  }
  return {
    stack,
    source,
    data,
    deaths,
    stopped,
    get,
    feed,
    settled: ({ deadlineMs, name }) =>
      waitFor(
        'the feed settles',
        async () => {
          const one = await feed(name)
          return one?.settled === true && one
        },
        { deadlineMs, describe: () => lastSeen },
      ),
  }
}
