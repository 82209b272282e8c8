/** What a stack on one machine is told. The demo gives the defaults; tests give short times and a folder of their own. */
export type StackOptions = {
  /** Folder of all state, logs and `stack.json`. */
  folder: string
  /** Folder of the virtual environment, which several stacks share. */
  venvFolder: string
  /** Wanted ports; one in use is replaced by a free one. With 0: any. */
  ports: Readonly<Record<PortName, number>>
  /** Shards of each stream. */
  shards: number
  /** An event is late when it arrives so long after its event time: B of the design. */
  latenessSeconds: number
  /** What an empty read at the tip of a shard holds the watermark back beyond B. */
  tipSlackSeconds: number
  checkpointIntervalMs: number
  /** Options of the live feed that differ from the producer's defaults (`LIVE_...`), without its source. */
  live: Readonly<Record<string, string>>
  /** The environment of this process: where programs are found, and `REDIS_URL` for a Redis that runs already. */
  host: NodeJS.ProcessEnv
  /** More options for single parts, by the part's name. */
  environment: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>
}

export const DEFAULT_PORTS = {
  api: 8080,
  flink: 8081,
  ministack: 4566,
  kinesis: 4567,
  redis: 6390,
  probes: 9464,
}
export type PortName = keyof typeof DEFAULT_PORTS

export const DEFAULT_STACK = {
  ports: DEFAULT_PORTS,
  shards: 4,
  latenessSeconds: 30,
  tipSlackSeconds: 10,
  checkpointIntervalMs: 10_000,
  live: {},
  environment: {},
} as const satisfies Partial<StackOptions>

/** The credentials that the stand-ins ask for and do not look at, and the region they pretend to be in. */
export const LOCAL_AWS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
} as const
