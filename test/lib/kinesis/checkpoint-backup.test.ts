import { pino } from 'pino'
import t from 'tap'
import { type BackupStore, createCheckpointBackup } from '../../../lib/kinesis/checkpoint-backup.ts'
import { planRestore } from '../../../lib/kinesis/restore-leases.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const SHARDS = ['1', '2', '3'].map((shardId, i) => ({
  shardId,
  parents: shardId === '3' ? ['1', '2'] : [],
  startingSequenceNumber: `${i}`,
  isOpen: shardId === '3',
  hashKeys: { start: 0n, end: 9n },
}))

function setUp(checkpoints: Record<string, string>, overrides: Partial<BackupStore> = {}) {
  let kept: string | undefined
  const clock = createSimulatedClock(0)
  let turns = 0
  const backup = createCheckpointBackup({
    backups: {
      async write(text) {
        kept = text
      },
      read: async () => kept,
      ...overrides,
    },
    store: {
      readCheckpoints: async () => new Map(Object.entries(checkpoints)),
      takeTurn: async () => ++turns === 1,
    },
    stream: 'stream',
    clock,
    log: pino({ level: 'silent' }),
  })
  return { backup, clock, kept: () => kept }
}

t.test('what is saved is not what is restored', async (t) => {
  const checkpoints = { 1: 'SHARD_END', 2: '4958:3', 3: 'TRIM_HORIZON' }
  const { backup } = setUp(checkpoints)
  t.equal(await backup.load(), undefined, 'a new application has no backup')
  await backup.save()
  t.match(await backup.load(), { checkpoints: new Map(Object.entries(checkpoints)) })
})

t.test('an emptied store overwrites its own backup, or a store that hangs holds up a stop', async (t) => {
  const { backup, kept } = setUp({})
  await backup.save()
  t.equal(kept(), undefined)
  const hanging = setUp({ 1: '7' }, { write: () => new Promise(() => {}) })
  await hanging.backup.save()
  const failing = setUp({ 1: '7' }, { write: () => Promise.reject(new Error('no route to host')) })
  await t.resolves(failing.backup.save())
})

t.test('all workers write the same backup each minute', async (t) => {
  let writes = 0
  const { backup, clock } = setUp(
    { 1: '7' },
    {
      async write() {
        writes++
      },
    },
  )
  const stopping = new AbortController()
  const running = backup.run(stopping.signal)
  while (clock.now() < 200_000) await clock.sleep(1_000)
  stopping.abort()
  await running
  t.equal(writes, 1, 'of three minutes one was its turn')
})

t.test('a backup that is damaged, or of another stream, is taken for none or for true', async (t) => {
  const saved = { version: 1, stream: 'stream', savedAt: 1, checkpoints: { 1: '7' } }
  const damaged = [
    '',
    '{"version":1',
    'null',
    JSON.stringify({ ...saved, stream: 'other' }),
    JSON.stringify({ ...saved, version: 2 }),
    JSON.stringify({ ...saved, checkpoints: { 1: '12x' } }),
    JSON.stringify({ ...saved, checkpoints: { 1: 7 } }),
    JSON.stringify({ ...saved, savedAt: 'now' }),
  ]
  for (const text of damaged)
    t.equal(await setUp({}, { read: async () => text }).backup.load(), 'damaged', text)
})

t.test(
  'an application whose store was emptied skips records, or reads a child before its parents',
  async (t) => {
    const saved = {
      savedAt: 1,
      checkpoints: new Map([
        ['1', 'SHARD_END'],
        ['2', '7'],
        ['gone', '9'],
      ]),
    }
    const leasesOf = (...args: Parameters<typeof planRestore>) =>
      planRestore(...args).map(({ shardId, checkpoint }) => `${shardId}@${checkpoint}`)
    t.strictSame(leasesOf(SHARDS, saved, 'backup'), ['1@SHARD_END', '2@7'], 'the child waits for 2')
    t.strictSame(leasesOf(SHARDS, saved, 'trim-horizon'), ['1@TRIM_HORIZON', '2@TRIM_HORIZON'])
    t.strictSame(leasesOf(SHARDS, 'damaged', 'backup'), ['1@TRIM_HORIZON', '2@TRIM_HORIZON'])
  },
)
