import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { isOver } from '../lib/feeds/feed.ts'
import { createFeedStore, type FeedStore } from '../lib/feeds/feed-store.ts'
import type { Bench } from './main.ts'
import { memorySettings } from './memory-settings.ts'
import { startStandIns } from './stand-ins.ts'

const SERVICES = fileURLToPath(new URL('./endless-services.ts', import.meta.url))
const PRODUCER = fileURLToPath(new URL('../workers/producer/main.ts', import.meta.url))
const FILE_BYTES = 2_000_000_000
const QUICK_FILE_BYTES = 200_000_000
const POLL_MS = 200

/**
 * How much memory a producer takes at most from its start to the end of a file of 2 GB, at the pace `max`, into a
 * server that only acknowledges. With the memory settings of the image.
 */
export const feedsMemoryBench: Bench = async ({ quick }) => {
  const standIns = await startStandIns()
  const services = start(SERVICES, { OBJECT_BYTES: `${quick ? QUICK_FILE_BYTES : FILE_BYTES}` })
  const redis = new Redis(standIns.environment.REDIS_URL)
  let producer: ChildProcess | undefined
  try {
    const { port, rows, bytes } = await firstJson(services)
    const endpoint = `http://127.0.0.1:${port}`
    producer = start(PRODUCER, {
      ...memorySettings(),
      ...standIns.environment,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_KINESIS: endpoint,
      RAW_STREAM: 'endless',
      DEAD_LETTER_BUCKET: 'endless',
      SOURCE_BUCKET: 'endless',
      PROCESSED_STREAM: 'endless',
      LIVE_SOURCE: 's3://endless/rows.csv',
      LIVE_RATE: 'max',
      LOG_LEVEL: 'warn',
    })
    const startedAt = performance.now()
    const peakRssMb = await watch(producer, createFeedStore({ redis }), rows)
    const seconds = (performance.now() - startedAt) / 1_000
    return {
      peakRssMb,
      fileMb: Math.round(bytes / 1e6),
      rows,
      seconds: Math.round(seconds),
      rowsPerSecond: Math.round(rows / seconds),
    }
  } finally {
    for (const child of [producer, services]) {
      if (child === undefined || child.exitCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    redis.disconnect()
    await standIns.stop()
  }
}

function start(main: string, environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
}

async function firstJson(child: ChildProcess): Promise<{ port: number; rows: number; bytes: number }> {
  if (child.stdout === null) throw new Error('the services have no standard output')
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) return JSON.parse(line) as { port: number; rows: number; bytes: number }
    console.log(line)
  }
  throw new Error('the services ended before they began')
}

/** The most that the producer held until the feed was over, in MB. */
async function watch(producer: ChildProcess, store: FeedStore, rows: number): Promise<number> {
  producer.stdout?.resume()
  for (let peakMb = 0; ; await delay(POLL_MS)) {
    if (producer.exitCode !== null) throw new Error(`the producer ended with ${producer.exitCode}`)
    peakMb = Math.max(peakMb, peakRssMb(producer))
    const feed = await store.live()
    if (feed === undefined || !isOver(feed.state)) continue
    const { emitted } = await store.counts(feed.name)
    if (emitted !== rows)
      throw new Error(`${emitted} of ${rows} rows were emitted; ${feed.message ?? feed.state}`)
    return peakMb
  }
}

/** By the kernel's own mark, which nothing between two looks escapes (Linux). */
function peakRssMb({ pid }: ChildProcess): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round((Number(kib) * 1_024) / 1e6)
}
