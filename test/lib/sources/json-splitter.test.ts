import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import { createJsonSplitter } from '../../../lib/sources/json-splitter.ts'

function split(text: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text)
  const splitter = createJsonSplitter('s3://raw/a')
  const ends = [...cuts, bytes.length]
  const rows = ends.flatMap((end, i) => splitter.push(bytes.subarray(ends[i - 1] ?? 0, end)))
  return [...rows, ...splitter.end()].map(({ bytes, fault, offset, line }) => ({
    text: bytes.toString(),
    fault: fault !== undefined,
    offset,
    line,
  }))
}

const good = (text: string, offset: number, line: number) => ({ text, fault: false, offset, line })
const bad = (text: string, offset: number, line: number) => ({ text, fault: true, offset, line })

t.test('objects that follow each other in whatever way are not told apart', async (t) => {
  const [a, b] = ['{"a":"}{\\"\\\\"}', '{"b":{"c":[1]}}']
  t.same(split(`${a}\n${b}\n`), [good(a, 0, 1), good(b, a.length + 1, 2)])
  t.same(split(`${a}${b}`), [good(a, 0, 1), good(b, a.length, 1)])
  t.same(split(`\r\n ${a}\n\n`), [good(a, 3, 2)])
  t.same(split('{\n  "a": 1\n}\n{"b":2}'), [good('{\n  "a": 1\n}', 0, 1), good('{"b":2}', 13, 4)])
})

t.test('what is no object takes the next one with it', async (t) => {
  t.same(split('rubbish\n{"a":1}\n'), [bad('rubbish', 0, 1), good('{"a":1}', 8, 2)])
  t.same(split('{"a":"open\n{"b":2}\n'), [bad('{"a":"open', 0, 1), good('{"b":2}', 11, 2)])
  t.same(split('{"a":1\n{"b":2}\n'), [bad('{"a":1\n', 0, 1), good('{"b":2}', 7, 2)])
  t.same(split('{"a":1}{"b":'), [good('{"a":1}', 0, 1), bad('{"b":', 7, 1)])
  t.same(split('}{"a":1}\n{"b":2}'), [bad('}{"a":1}', 0, 1), good('{"b":2}', 9, 2)])
})

t.test('a text that never ends fills the memory', async (t) => {
  const splitter = createJsonSplitter('s3://raw/a')
  const chunk = Buffer.alloc(1_048_576, 120)
  const rows = Array.from({ length: 9 }, () => splitter.push(chunk)).flat()
  t.equal(rows.length, 2)
  t.match(rows[0], { fault: 'is longer than 4194304 bytes' })
  t.equal(rows[0]?.bytes.length, 65_536)
})

t.test('the objects depend on how their bytes are cut into chunks', async (t) => {
  const text = '{"a":"ü\\\\"}\n{"b":"{"}{"c":"\\""}\nx{\n{"d":\n{"e":1}\n  {"f":[{}]}\n{"g'
  const whole = split(text)
  t.equal(whole.filter(({ fault }) => !fault).length, 5)
  const length = Buffer.byteLength(text)
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomAt(seed, 0, 0).next
    const cuts = Array.from({ length: 4 }, () => Math.floor(random() * length)).sort((a, b) => a - b)
    t.same(split(text, cuts), whole, `seed ${seed}: cut at ${cuts.join(', ')}`)
  }
})
