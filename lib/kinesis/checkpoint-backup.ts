import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import type { LeaseStore } from './lease-store.ts'
import { type Checkpoint, parsePosition, SHARD_END } from './position.ts'
import { withinDeadline } from './within-deadline.ts'

const INTERVAL_MS = 60_000
const FIRST_AFTER_MS = 5_000
/** A little less than the interval: one worker's timer may be early. */
const TURN_MS = 55_000
const WRITE_DEADLINE_MS = 5_000
const VERSION = 1

/** Where the backup of one application is kept, apart from the lease store. `read`: undefined when there is none. */
export type BackupStore = {
  write(text: string): Promise<void>
  read(): Promise<string | undefined>
}

export type SavedCheckpoints = { savedAt: number; checkpoints: Map<string, Checkpoint> }

/**
 * Keeps a second copy of the checkpoints, for the day on which the lease store has lost everything. It may be a minute
 * old: what was handled since then comes again, nothing is left out.
 */
export type CheckpointBackup = {
  /** Saves soon and then every minute, by one worker of the application, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Never rejects: the next minute brings another try. An empty table is never saved: it would overwrite the last hope. */
  save(): Promise<void>
  /** `damaged`: there is a backup, but not one that can be used. Rejects when the store cannot be asked. */
  load(): Promise<SavedCheckpoints | 'damaged' | undefined>
}

export function createCheckpointBackup(options: {
  backups: BackupStore
  store: Pick<LeaseStore, 'readCheckpoints' | 'takeTurn'>
  stream: string
  clock: Clock
  log: Log
}): CheckpointBackup {
  const { backups, store, stream, clock, log } = options

  async function save(): Promise<void> {
    try {
      const checkpoints = await store.readCheckpoints()
      if (checkpoints.size === 0) return
      const text = JSON.stringify({
        version: VERSION,
        stream,
        savedAt: clock.now(),
        checkpoints: Object.fromEntries(checkpoints),
      })
      const never = new AbortController().signal
      await withinDeadline(() => backups.write(text), { ms: WRITE_DEADLINE_MS, signal: never, clock })
    } catch (error) {
      log.warn({ error: describeError(error) }, 'checkpoints not backed up')
    }
  }

  return {
    async run(signal) {
      await clock.sleep(FIRST_AFTER_MS, signal)
      while (!signal.aborted) {
        const isOurTurn = await store.takeTurn('backup', TURN_MS).catch(() => false)
        if (isOurTurn) await save()
        await clock.sleep(INTERVAL_MS, signal)
      }
    },
    save,
    async load() {
      const text = await backups.read()
      if (text === undefined) return undefined
      const saved = parseBackup(text, stream)
      if (saved === undefined)
        log.error({ stream }, 'backup of the checkpoints is damaged, or of another stream')
      return saved ?? 'damaged'
    },
  }
}

function parseBackup(text: string, stream: string): SavedCheckpoints | undefined {
  let backup: { version?: unknown; stream?: unknown; savedAt?: unknown; checkpoints?: unknown }
  try {
    backup = JSON.parse(text) as typeof backup
  } catch {
    return undefined
  }
  const { savedAt, checkpoints } = backup ?? {}
  if (backup?.version !== VERSION || backup.stream !== stream || typeof savedAt !== 'number') return undefined
  if (typeof checkpoints !== 'object' || checkpoints === null) return undefined
  const entries = Object.entries(checkpoints)
  return entries.every(([, checkpoint]) => typeof checkpoint === 'string' && isCheckpoint(checkpoint))
    ? { savedAt, checkpoints: new Map(entries as [string, Checkpoint][]) }
    : undefined
}

function isCheckpoint(text: string): boolean {
  return (
    text === SHARD_END ||
    text === 'TRIM_HORIZON' ||
    /^(LATEST|AT_TIMESTAMP)(:\d+)?$/.test(text) ||
    parsePosition(text) !== undefined
  )
}
