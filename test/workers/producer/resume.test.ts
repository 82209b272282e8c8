import { gzipSync } from 'node:zlib'
import type { S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import { type Random, randomAt } from '../../../deploy/local/generator/random.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Pace } from '../../../lib/feeds/feed.ts'
import { createMemoryFeedStore, type MemoryFeedStore } from '../../support/memory-feed-store.ts'
import { createMemoryS3 } from '../../support/memory-s3.ts'
import { emittableRows } from '../../support/producers.ts'
import { csv, FILE, PLAN, runWith, seqOf } from '../../support/range-runs.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const SEEDS = 6
const RATE: Pace = { kind: 'rate', rowsPerSecond: 100 }
const MAX: Pace = { kind: 'max' }
/** What a producer may have in flight beyond the committed position at each of these: 3 s and 100 rows, or 20,000. */
const RESERVES = { rate: 400, max: 20_000 }

const KINDS = {
  'a plain file': { source: csv, pace: RATE, rangeBytes: Number.MAX_SAFE_INTEGER },
  'a plain file at the pace max': { source: csv, pace: MAX, rangeBytes: Number.MAX_SAFE_INTEGER },
  'a zipped file': { source: gzipSync(csv), pace: RATE, rangeBytes: Number.MAX_SAFE_INTEGER },
  'a divided file': { source: csv, pace: MAX, rangeBytes: 150_000 },
} as const

/** What a producer may be about when it dies, and about how many times it is about it in a run. */
const OCCASIONS = { claim: 1, read: 5, fork: 1, put: 30, store: 2, advance: 20, finish: 1 } as const
type Occasion = keyof typeof OCCASIONS

/** A producer's life: it ends on some occasion, before or after what it was about has had its effect. */
function createLife(random: Random, clock: Clock) {
  const occasion = random.pick(Object.keys(OCCASIONS) as Occasion[])
  let left = random.below(OCCASIONS[occasion])
  let isDead = false
  const died = Promise.withResolvers<void>()
  const never = new Promise<never>(() => {})

  async function about<T>(what: Occasion, effect: () => Promise<T>, half = effect): Promise<T> {
    if (isDead) return never
    if (what === occasion && left-- === 0) {
      isDead = true
      if (random.next() < 0.5) await half()
      died.resolve()
      return never
    }
    const result = await effect()
    return isDead ? never : result
  }

  /** Who is dead does not wake up. */
  const mortalClock: Clock = {
    ...clock,
    sleep: (ms, signal) => (isDead ? never : clock.sleep(ms, signal)),
  }

  return {
    occasion,
    about,
    died: died.promise,
    isDead: () => isDead,
    clock: mortalClock,
  }
}

type Life = ReturnType<typeof createLife>

function mortalStore(store: MemoryFeedStore, { about }: Life): MemoryFeedStore {
  return {
    ...store,
    claim: (...args) => about('claim', () => store.claim(...args)),
    fork: (...args) => about('fork', () => store.fork(...args)),
    advance: (...args) => about('advance', () => store.advance(...args)),
    finish: (...args) => about('finish', () => store.finish(...args)),
    orders: (...args) => store.orders(...args),
  }
}

function mortalS3(source: Buffer, random: Random, { about }: Life): S3Client {
  const replyBytes = () => 50_000 + random.below(200_000)
  const { s3 } = createMemoryS3(source, { replyBytes })
  const send = s3.send.bind(s3) as (command: unknown) => Promise<unknown>
  return { send: (command: unknown) => about('read', () => send(command)) } as unknown as S3Client
}

/** Sends the file with producers that die, one after the other. What is wrong, if anything. */
async function sendWithDeaths(kind: keyof typeof KINDS, seed: number, deaths: Map<Occasion, number>) {
  const { source, pace, rangeBytes } = KINDS[kind]
  const random = randomAt(seed, 0, 0)
  const store = createMemoryFeedStore(
    { ...PLAN, pace, source: { ...PLAN.source, bytes: source.length } },
    'replay-1',
  )
  /** How often each row is on the stream. */
  const taken = new Map<number, number>()
  const refused = new Set<number>()
  const faults: string[] = []

  while (store.feed.state === 'waiting' || store.feed.state === 'running') {
    const clock = createSimulatedClock()
    const life = createLife(random, clock)
    const before = new Set(taken.keys())
    const range = random.pick(store.open())
    const inFlight = store.rangeOf(range)
    if (inFlight.reserved - inFlight.position.seq > RESERVES[pace.kind === 'rate' ? 'rate' : 'max']) {
      faults.push(`${inFlight.reserved} rows reserved at row ${inFlight.position.seq}`)
    }

    function take(seq: number): void {
      taken.set(seq, (taken.get(seq) ?? 0) + 1)
      if (!before.has(seq)) return
      const wasInFlight = seq > inFlight.position.seq && seq <= inFlight.reserved
      if (!wasInFlight) faults.push(`row ${seq} was sent twice, and was not in flight`)
    }

    const { run } = runWith(mortalStore(store, life), {
      source,
      rangeBytes,
      s3: mortalS3(source, random, life),
      clock: life.clock,
      async put(records) {
        await life.clock.sleep(random.below(400))
        const putting = (share: number) => async () =>
          records.map((record) => {
            if (random.next() >= share) return 'ProvisionedThroughputExceededException'
            take(seqOf(record))
            return undefined
          })
        // In the middle of a call, some of the records are on the stream, and nobody learns which.
        return life.about('put', putting(0.9), putting(0.5))
      },
      deadLetters: {
        async put(letters) {
          // Rows go on to be sent meanwhile, as far as they may.
          await life.clock.sleep(random.below(10_000))
          await life.about('store', async () => letters.forEach(({ seq = 0 }) => refused.add(seq)))
        },
      },
    })
    await Promise.race([run(undefined, range), life.died])
    if (life.isDead()) deaths.set(life.occasion, (deaths.get(life.occasion) ?? 0) + 1)
  }
  return { store, taken, refused, faults }
}

t.test(
  'whenever a producer dies, the next ones lose a row, count one twice, or send more again than was in flight',
  async (t) => {
    const expected = emittableRows(FILE)
    const deaths = new Map<Occasion, number>()
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { store, taken, refused, faults } = await sendWithDeaths(kind, seed, deaths)
        const of = `${kind}, seed ${seed}`
        t.same(
          [...taken.keys()].toSorted((a, b) => a - b),
          expected,
          `${of}: all rows are on the stream`,
        )
        t.equal(refused.size, FILE.rows - expected.length, `${of}: all others are dead letters`)
        t.match(
          await store.counts('replay-1'),
          { read: FILE.rows, emitted: expected.length, refused: refused.size },
          `${of}: each is counted once`,
        )
        t.same(faults.slice(0, 3), [], `${of}: only what was in flight is sent again`)
      }
    }
    for (const occasion of Object.keys(OCCASIONS) as Occasion[]) {
      t.ok(deaths.get(occasion) ?? 0, `one died at: ${occasion}`)
    }
  },
)
