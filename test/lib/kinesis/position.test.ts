import t from 'tap'
import { comparePositions, parsePosition, positionOf } from '../../../lib/kinesis/position.ts'

t.test('a position is read back as another one than was written', async (t) => {
  for (const position of [{ sequenceNumber: '495' }, { sequenceNumber: '495', subSequenceNumber: 0 }]) {
    t.strictSame(parsePosition(positionOf(position)), position)
  }
  for (const other of [
    'SHARD_END',
    'TRIM_HORIZON',
    'LATEST',
    'AT_TIMESTAMP:1700000000000',
    '',
    '12:',
    'a:1',
  ]) {
    t.equal(parsePosition(other), undefined, other)
  }
})

t.test('positions are compared as numbers of 53 bits, or a part of an aggregate as the whole', async (t) => {
  const ascending = [
    '9',
    '10',
    '49590338271490256608559692538361571095921575989136588898:0',
    '49590338271490256608559692538361571095921575989136588898:2',
    '49590338271490256608559692538361571095921575989136588898:10',
    '49590338271490256608559692538361571095921575989136588898',
    '49590338271490256608559692538361571095921575989136588899',
  ].map((text) => parsePosition(text) ?? { sequenceNumber: '' })
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) t.equal(Math.sign(comparePositions(a, b)), Math.sign(i - j))
  }
  t.equal(comparePositions({ sequenceNumber: '007' }, { sequenceNumber: '7' }), 0)
})
