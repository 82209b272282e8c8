import { fork } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AwsAddress } from '../../lib/aws/aws-address.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import { VERSION } from '../../lib/process/version.ts'
import { copyStreams, type DataLayer, deployData } from './deploy-data.ts'
import type { Part } from './part.ts'
import { kinesisPart } from './parts/kinesis.ts'
import { ministackPart } from './parts/ministack.ts'
import { redisPart } from './parts/redis.ts'
import { streamingParts } from './parts/streaming-parts.ts'
import { choosePort } from './ports.ts'
import { identifyProcess } from './process-identity.ts'
import type { ReaperMessage } from './reaper.ts'
import { readRunningStack, type StackFile, writeStackFile } from './stack-file.ts'
import { LOCAL_AWS, type PortName, type StackOptions } from './stack-options.ts'
import { type PartEvents, SupervisedPart } from './supervised-part.ts'
import { Tools } from './tools.ts'
import { ensureVirtualEnvironment } from './virtual-environment.ts'

const REAPER = fileURLToPath(new URL('./reaper.ts', import.meta.url))

export type StackEvents = Pick<PartEvents, 'onState' | 'onDeath'> & {
  /** Something that takes a while, or differs from what was asked for. */
  onNotice(message: string): void
}

export type Addresses = { redis: string; aws: AwsAddress; api: string }

export type Stack = {
  /** The programs that the start of this stack needs for a while: its stop ends them. */
  readonly tools: Tools
  /** Starts the stand-ins and deploys the data layer; then there is somewhere to put the source. */
  startData(): Promise<DataLayer>
  /** Starts Flink, the workers and the api; the producer, which replays `source` (s3://...), last. */
  startStreaming(source: string): Promise<void>
  /** Starts parts side by side that only look on. They stop before all others. */
  startOnlookers(parts: readonly Part[]): Promise<void>
  /** Stops everything in reverse order. Whatever happened before, nothing is left running. */
  stop(): Promise<void>
  part(name: string): SupervisedPart
  parts(): readonly SupervisedPart[]
  readonly addresses: Addresses
}

/** All of Roadpulse on one machine, its parts as children of this process. */
export async function createStack(options: StackOptions, events: StackEvents): Promise<Stack> {
  const stackFile = `${options.folder}/stack.json`
  const running = readRunningStack(stackFile)
  if (running !== undefined) {
    const page = running.parts.api?.address ?? 'not up yet'
    throw new RoadpulseError(
      'PART_FAILED',
      `a stack runs already in ${options.folder} (page: ${page}); stop it first`,
    )
  }
  const logFolder = `${options.folder}/logs`
  mkdirSync(logFolder, { recursive: true })
  const ports = await choosePorts(options.ports, events)
  const redisUrl = options.host.REDIS_URL
  const addresses: Addresses = {
    redis: redisUrl ?? `redis://127.0.0.1:${ports.redis}`,
    aws: {
      AWS_REGION: LOCAL_AWS.AWS_REGION,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${ports.ministack}`,
      AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${ports.kinesis}`,
    },
    api: `http://127.0.0.1:${ports.api}`,
  }
  const reaper = fork(REAPER, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const tellReaper = (message: ReaperMessage) => reaper.connected && reaper.send(message)
  const groups: SupervisedPart[][] = []
  const tools = new Tools({
    onSpawn: (pid) => tellReaper({ spawned: pid }),
    onExit: (pid) => tellReaper({ exited: pid }),
  })
  let isStopping = false
  const startedAt = new Date().toISOString()

  const partEvents: PartEvents = {
    onState(part, state) {
      events.onState(part, state)
      writeStackFile(stackFile, describeStack(groups.flat(), startedAt))
    },
    onDeath: events.onDeath,
    onSpawn: (pid) => tellReaper({ spawned: pid }),
    onExit: (pid) => tellReaper({ exited: pid }),
  }
  /** Starts the parts side by side and waits for all of them. They stop together, before those that started earlier. */
  async function startGroup(parts: readonly Part[]): Promise<void> {
    if (isStopping) throw new RoadpulseError('PART_FAILED', 'the stack is being stopped')
    const group = parts.map(
      (part) => new SupervisedPart(part, { logFolder, environment: options.host, events: partEvents }),
    )
    groups.push(group)
    await Promise.all(group.map((part) => part.start()))
  }

  let dataLayer: DataLayer | undefined
  const deploy = async () => {
    const { data, isNew, leftOut } = await deployData({ address: addresses.aws, shards: options.shards })
    if (leftOut.length > 0) events.onNotice(`not on this machine, only on AWS: ${leftOut.join(', ')}`)
    dataLayer = data
    return isNew ? 'restart' : 'ready'
  }

  return {
    addresses,
    tools,
    async startData() {
      const environment = await ensureVirtualEnvironment({
        folder: options.venvFolder,
        tools,
        onProgress: (message) => events.onNotice(message),
      })
      const redis = redisPart({
        port: ports.redis,
        folder: `${options.folder}/redis`,
        path: options.host.PATH ?? '',
        environment,
      })
      await startGroup([
        ...(redisUrl === undefined ? [redis] : []),
        kinesisPart({
          port: ports.kinesis,
          folder: `${options.folder}/kinesis`,
          region: LOCAL_AWS.AWS_REGION,
        }),
        ministackPart({
          port: ports.ministack,
          folder: `${options.folder}/ministack`,
          environment,
          prepare: deploy,
        }),
      ])
      if (dataLayer === undefined) throw new Error('ministack was ready before its data layer')
      await copyStreams([dataLayer.RawStreamName, dataLayer.ProcessedStreamName], addresses.aws)
      return dataLayer
    },

    async startStreaming(source) {
      if (dataLayer === undefined) throw new Error('startStreaming comes after startData')
      const { producer, others } = await streamingParts({
        stack: options,
        addresses,
        ports,
        data: dataLayer,
        source,
      })
      await startGroup(others)
      await startGroup([producer])
    },

    startOnlookers: startGroup,

    async stop() {
      isStopping = true
      await tools.stop()
      for (const group of groups.toReversed()) await Promise.all(group.map((part) => part.stop()))
      if (reaper.connected) reaper.disconnect()
      rmSync(stackFile, { force: true })
    },

    part(name) {
      const part = groups.flat().find((part) => part.part.name === name)
      if (part === undefined) throw new Error(`no part is called ${name}`)
      return part
    },
    parts: () => groups.flat(),
  }
}

async function choosePorts(
  wanted: StackOptions['ports'],
  events: StackEvents,
): Promise<Record<PortName, number>> {
  const ports = { ...wanted }
  for (const name of Object.keys(wanted) as PortName[]) {
    ports[name] = await choosePort(wanted[name])
    if (wanted[name] !== 0 && ports[name] !== wanted[name]) {
      events.onNotice(`port ${wanted[name]} (${name}) is in use, taking ${ports[name]}`)
    }
  }
  return ports
}

function describeStack(parts: readonly SupervisedPart[], startedAt: string): StackFile {
  return {
    supervisor: { pid: process.pid, identity: identifyProcess(process.pid) ?? '' },
    startedAt,
    feed: 'live',
    parts: Object.fromEntries(
      parts.map((part) => [
        part.part.name,
        {
          ...(part.part.address === undefined ? {} : { address: part.part.address }),
          ...(part.part.metrics === undefined ? {} : { metrics: part.part.metrics }),
          ...(part.pid === undefined ? {} : { pid: part.pid }),
          version: VERSION,
          wanted: 1,
          log: part.logFile,
        },
      ]),
    ),
  }
}
