import t from 'tap'
import {
  type FeedContext,
  type FeedReading,
  IN_FLIGHT_MS,
  judgeConservation,
  type Law,
  SETTLE_WITHIN_MS,
} from '../../../api/pipeline/conservation.ts'
import { LAWS } from '../../../lib/process/metrics/labels.ts'

const NOW = 1_800_000_000_000

/** A feed of which everything has arrived: 1,000 rows read, of which each thing happened to a few. */
function complete(changes: Changes = {}): FeedReading {
  return {
    at: changes.at ?? NOW,
    watermark: 'watermark' in changes ? changes.watermark : NOW - 31_000,
    producer:
      'producer' in changes && changes.producer === undefined
        ? undefined
        : { read: 1_000, recovered: 3, emitted: 990, refused: 8, filtered: 5, ...changes.producer },
    flink: {
      in: 995,
      resent: 5,
      rejected: 10,
      valid: 980,
      repeated: 20,
      unique: 960,
      onTime: 950,
      late: 10,
      ...changes.flink,
    },
    received: { accident: 950, accidentLate: 10, rejected: 10, windowed: 950, ...changes.received },
  }
}

type Changes = {
  at?: number
  watermark?: number | undefined
  producer?: Partial<FeedReading['producer']>
  flink?: Partial<FeedReading['flink']>
  received?: Partial<FeedReading['received']>
}

function context(changes: Partial<FeedContext> & { readings?: FeedReading[] } = {}): FeedContext {
  return {
    endedAt: undefined,
    emittedByWatermark: 0,
    asOf: (time) => changes.readings?.findLast((reading) => reading.at <= time),
    ...changes,
  }
}

const nonZero = (differences: Record<Law, number>) =>
  Object.fromEntries(Object.entries(differences).filter(([, difference]) => difference !== 0))

t.test('a finished feed of which everything arrived is settled, a running one never', async (t) => {
  t.same(judgeConservation(complete(), context({ endedAt: NOW })), {
    differences: Object.fromEntries(LAWS.map((law) => [law, 0])),
    isSettled: true,
  })
  t.equal(judgeConservation(complete(), context()).isSettled, false)
})

const LAWS_BROKEN: { title: string; changes: Changes; differences: Partial<Record<Law, number>> }[] = [
  {
    title: 'a row that the producer read and gave no name',
    changes: { producer: { read: 1_001 } },
    differences: { producer: -1 },
  },
  {
    title: 'a row that Flink took in and gave no name',
    changes: { flink: { in: 996, resent: 6, valid: 979 } },
    differences: { validation: -1, deduplication: 1 },
  },
  {
    title: 'a repetition counted as new as well',
    changes: { flink: { repeated: 21 } },
    differences: { deduplication: 1 },
  },
  {
    title: 'an accident that is neither on time nor late',
    changes: { flink: { late: 9 }, received: { accidentLate: 9 } },
    differences: { lateness: -1 },
  },
]

for (const { title, changes, differences } of LAWS_BROKEN) {
  t.test(`${title} is a difference at once, also while the feed runs`, async (t) => {
    for (const endedAt of [undefined, NOW]) {
      const judgement = judgeConservation(complete(changes), context({ endedAt }))
      t.same(nonZero(judgement.differences), differences)
      t.equal(judgement.isSettled, false)
    }
  })
}

const LAWS_BETWEEN_PLACES: { law: Law; tooFew: Changes; tooMany: Changes }[] = [
  {
    law: 'streamOne',
    tooFew: {
      flink: { in: 993, valid: 978, unique: 958, onTime: 948 },
      received: { accident: 948, windowed: 948 },
    },
    tooMany: {
      flink: { in: 997, valid: 982, unique: 962, onTime: 952 },
      received: { accident: 952, windowed: 952 },
    },
  },
  { law: 'accident', tooFew: { received: { accident: 948 } }, tooMany: { received: { accident: 952 } } },
  {
    law: 'accidentLate',
    tooFew: { received: { accidentLate: 8 } },
    tooMany: { received: { accidentLate: 12 } },
  },
  { law: 'rejected', tooFew: { received: { rejected: 8 } }, tooMany: { received: { rejected: 12 } } },
  { law: 'windows', tooFew: { received: { windowed: 948 } }, tooMany: { received: { windowed: 952 } } },
]

for (const { law, tooFew, tooMany } of LAWS_BETWEEN_PLACES) {
  t.test(`${law}: rows on their way are no difference, and a feed with them is not settled`, async (t) => {
    for (const changes of [tooFew, tooMany]) {
      for (const endedAt of [undefined, NOW - 1_000]) {
        const judgement = judgeConservation(complete(changes), context({ endedAt }))
        t.same(nonZero(judgement.differences), {})
        t.equal(judgement.isSettled, false)
      }
    }
  })

  t.test(`${law}: what is still not equal long after the end is a difference`, async (t) => {
    const over = context({ endedAt: NOW - SETTLE_WITHIN_MS - 1 })
    t.same(nonZero(judgeConservation(complete(tooFew), over).differences), { [law]: -2 })
    t.same(nonZero(judgeConservation(complete(tooMany), over).differences), { [law]: 2 })
  })

  t.test(
    `${law}: rows that stay away, or that nobody ever counted, are a difference while the feed runs`,
    async (t) => {
      // What is missing from stream 1 never reached the places behind it either.
      const before = law === 'streamOne' ? tooFew : {}
      const longAgo = [5, 2].map((times) =>
        complete({
          ...before,
          at: NOW - times * IN_FLIGHT_MS,
          watermark: NOW - (times + 1) * IN_FLIGHT_MS,
        }),
      )
      const missing = judgeConservation(
        complete(tooFew),
        context({ readings: longAgo, emittedByWatermark: 990 }),
      )
      t.same(nonZero(missing.differences), { [law]: -2 })
      const inventedLongAgo = longAgo.map((reading) => ({ ...complete(tooMany), at: reading.at }))
      const invented = judgeConservation(
        { ...complete(tooMany), flink: law === 'streamOne' ? complete(tooMany).flink : complete().flink },
        context({ readings: inventedLongAgo }),
      )
      t.same(nonZero(invented.differences), { [law]: 2 })
    },
  )
}

t.test('an accident received before its tally, while Flink is down, is no difference', async (t) => {
  const stalled = NOW - 10 * IN_FLIGHT_MS
  const readings = [complete({ at: NOW - 2 * IN_FLIGHT_MS, received: { accident: 960 } })]
  const counts = complete({ watermark: stalled, received: { accident: 960 } })
  t.same(nonZero(judgeConservation(counts, context({ readings })).differences), {})
})

t.test('the minute that is still open is no difference of the windows', async (t) => {
  const minute = Math.floor(NOW / 60_000) * 60_000
  const readings = [
    complete({ at: minute - 120_000, flink: { onTime: 900 }, watermark: minute - 160_000 }),
    complete({ at: minute - 60_000, flink: { onTime: 940 }, watermark: minute - 91_000 }),
  ]
  const counts = complete({ at: minute + 5_000, watermark: minute - 26_000, received: { windowed: 900 } })
  t.same(nonZero(judgeConservation(counts, context({ readings })).differences), {})
})

t.test('what is not ours to read has no producer, and is judged by the rest', async (t) => {
  const flink = { in: 10, resent: 0, rejected: 10, valid: 0, repeated: 0, unique: 0, onTime: 0, late: 0 }
  const received = { accident: 0, accidentLate: 0, rejected: 10, windowed: 0 }
  const counts = complete({ producer: undefined, flink, received })
  t.same(nonZero(judgeConservation(counts, context()).differences), {})
  const lost = complete({ producer: undefined, flink: { ...flink, rejected: 9 }, received })
  t.same(nonZero(judgeConservation(lost, context()).differences), { validation: -1 })
})

t.test('a feed whose every row was refused settles without a tally', async (t) => {
  const none = { in: 0, resent: 0, rejected: 0, valid: 0, repeated: 0, unique: 0, onTime: 0, late: 0 }
  const counts = complete({
    watermark: undefined,
    producer: { read: 4, recovered: 0, emitted: 0, refused: 4, filtered: 0 },
    flink: none,
    received: { accident: 0, accidentLate: 0, rejected: 0, windowed: 0 },
  })
  t.equal(judgeConservation(counts, context({ endedAt: NOW })).isSettled, true)
})
