import t from 'tap'
import { ByteBudget, type ByteShare } from '../../../lib/kinesis/byte-budget.ts'

const LIMIT = 400
const never = new AbortController().signal

/** Whether `share` may read without waiting. What it asked for stays asked for. */
async function ask(share: ByteShare, bytes: number, signal = never) {
  const asked = { isGranted: false }
  async function wait(): Promise<void> {
    await share.reserve(bytes, signal)
    asked.isGranted = true
  }
  void wait()
  await settled()
  return asked
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('reads that are under way together go over the limit', async (t) => {
  const budget = new ByteBudget(LIMIT)
  const shares = Array.from({ length: 8 }, () => budget.open())
  for (const share of shares) share.hold(20)
  const asked = await Promise.all(shares.map((share) => ask(share, 70)))
  t.equal(asked.filter(({ isGranted }) => isGranted).length, 3, '160 are held, 210 more fit')
})

t.test('a shard starves because others are stuck with all that there is room for', async (t) => {
  const budget = new ByteBudget(LIMIT)
  for (let i = 0; i < 4; i++) budget.open().hold(100)
  const share = budget.open()
  t.match(await ask(share, 100), { isGranted: true })
  share.hold(100)
  const next = await ask(share, 100)
  t.match(next, { isGranted: false })
  share.release(100)
  await settled()
  t.match(next, { isGranted: true }, 'one read at a time, whatever the others hold')
})

t.test('one shard takes all the room', async (t) => {
  const share = new ByteBudget(LIMIT).open()
  share.hold(60)
  t.match(await ask(share, 60), { isGranted: false })
})

t.test('small reads keep a large one out for ever, or a later shard overtakes', async (t) => {
  const budget = new ByteBudget(LIMIT)
  const held = Array.from({ length: 5 }, () => budget.open())
  for (const share of held) share.hold(76)
  const [large, small] = [budget.open(), budget.open()]
  large.hold(1)
  small.hold(1)
  const first = await ask(large, 90)
  const second = await ask(small, 10)
  t.strictSame([first.isGranted, second.isGranted], [false, false])
  held[0]?.release(76)
  await settled()
  t.strictSame([first.isGranted, second.isGranted], [true, false])
  large.hold(20)
  await settled()
  t.match(second, { isGranted: true }, 'a read that was smaller than expected leaves room')
})

t.test('a shard that is given up leaves its bytes or its place behind', async (t) => {
  const budget = new ByteBudget(LIMIT)
  const held = Array.from({ length: 4 }, () => budget.open())
  for (const share of held) share.hold(98)
  const [leaving, staying] = [budget.open(), budget.open()]
  leaving.hold(1)
  staying.hold(1)
  const leave = new AbortController()
  const first = await ask(leaving, 90, leave.signal)
  const second = await ask(staying, 6)
  leave.abort()
  await settled()
  t.strictSame([first.isGranted, second.isGranted], [true, true], 'whoever leaves does not wait any longer')
  const third = await ask(held[0] as ByteShare, 2)
  t.match(third, { isGranted: false })
  held[1]?.close()
  await settled()
  t.match(third, { isGranted: true })
})
