import { randomBytes } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { Type } from 'typebox'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedPlan, isOver } from '../../lib/feeds/feed.ts'
import { createFeedQueue } from '../../lib/feeds/feed-queue.ts'
import { createFeedStore } from '../../lib/feeds/feed-store.ts'
import { awsOptions } from '../../lib/process/common-options.ts'
import type { ProcessContext, RunningProcess } from '../../lib/process/lifecycle.ts'
import { type Environment, readOptions } from '../../lib/process/read-options.ts'
import { connectRedis } from '../../lib/redis/connect.ts'
import { openCsv, readCsv } from '../../lib/sources/csv-source.ts'
import { freezeSource, parseS3Uri } from '../../lib/sources/freeze-source.ts'
import { headObject } from '../../lib/sources/s3-object.ts'
import { uploadSource } from '../../lib/sources/upload-source.ts'
import type { OnceRequest } from './command-line.ts'
import { dryRun, renderDryRun } from './dry-run.ts'
import type { ProducerOptions } from './options.ts'
import { startProducer } from './producer.ts'

const TELL_INTERVAL_MS = 1_000
const START = { offset: 0, line: 0, seq: 0 }

/**
 * Sends one CSV as a replay and ends with it. It is a feed like any other: it is seen in `/replays`, other producers may
 * help, and one that is stopped goes on when a producer runs.
 */
export async function startOnce(
  context: ProcessContext<ProducerOptions>,
  request: OnceRequest,
): Promise<RunningProcess> {
  const { options, log, signal } = context
  const redis = connectRedis({ url: options.REDIS_URL, name: `${options.WORKER_ID}-once`, log })
  const s3 = createS3Client(options)
  const { SOURCE_BUCKET: sourceBucket } = options
  const store = createFeedStore({ redis })
  const queue = createFeedQueue({ redis, onError: (error) => log.warn({ error }, 'queue of the feeds') })

  const id = randomBytes(5).toString('hex')
  const uri = request.file.startsWith('s3://') ? request.file : await upload()
  const freeze = { s3, rawBucket: '', sourceBucket, signal }
  const plan: FeedPlan = {
    source: await freezeSource(freeze, { kind: 'csv', uri }, id),
    pace: request.pace,
    repeat: false,
    ...(request.filter === undefined ? {} : { filter: request.filter }),
    ...(request.name === undefined ? {} : { label: request.name }),
  }
  const { name } = await store.create(`replay-${id}`, plan)
  await queue.ensureJob({ feed: name, range: 0 })
  const { LIVE_SOURCE: _, ...ownOptions } = options
  const producer = await startProducer({ ...context, options: ownOptions })

  async function upload(): Promise<string> {
    const onProgress = (sent: number, total: number) => log.info({ sent, total }, 'uploading')
    return uploadSource({ s3, bucket: sourceBucket, file: fileOf(request.file), onProgress })
  }

  async function untilOver(): Promise<void> {
    let feed: Feed | undefined
    while (!signal.aborted) {
      feed = await store.get(name)
      const { counts, preparing } = await store.progress(name)
      log.info({ feed: name, state: feed?.state, ...counts, preparing }, 'progress')
      if (feed === undefined || isOver(feed.state)) break
      await systemClock.sleep(TELL_INTERVAL_MS, signal)
    }
    if (feed?.state === 'failed') throw new Error(`${name} failed: ${feed.message}`)
    if (feed === undefined || !isOver(feed.state)) log.warn({ feed: name }, 'goes on when a producer runs')
  }

  return {
    done: untilOver(),
    async stop() {
      await producer.stop()
      await queue.close()
      redis.disconnect()
    },
  }
}

/** Reads a CSV as `startOnce` would send it, and prints what would happen. */
export async function runDry(request: OnceRequest, environment: Environment): Promise<void> {
  const { file, filter, pace } = request
  const csv = await (file.startsWith('s3://') ? openInS3(file, environment) : openFile(file))
  const run = await dryRun(csv, { ...(filter === undefined ? {} : { filter }), onProgress })
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  console.log(renderDryRun(run, pace))
}

function onProgress(rows: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${rows.toLocaleString('en-US')} rows read`)
}

async function openInS3(uri: string, environment: Environment) {
  const s3 = createS3Client(readOptions(Type.Object(awsOptions), environment))
  const object = parseS3Uri(uri)
  const source = { ...object, ...(await headObject(s3, object)) }
  return openCsv({ s3, source, position: START, signal: new AbortController().signal })
}

function openFile(path: string) {
  const name = fileOf(path)
  async function* read(start: number): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(name, { start, highWaterMark: 1_048_576 }))
      yield chunk as Buffer
  }
  return readCsv({ name, read }, START)
}

function fileOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new RoadpulseError('SOURCE_MISSING', `there is no file ${path}`)
  if (!found.isFile()) throw new RoadpulseError('SOURCE_UNREADABLE', `${path} is no file`)
  return path
}
