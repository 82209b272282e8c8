import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import { createExternalSort } from '../../../lib/sources/external-sort.ts'

t.test(
  'lines are lost, out of order, or change places with their equals, however many fit in memory',
  async (t) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomAt(seed, 0, 0).next
      const folder = mkdtempSync(join(tmpdir(), 'sort-'))
      const sort = createExternalSort(folder, 1 + Math.floor(random() * 20_000))
      const expected: { key: number; text: string }[] = []
      const count = Math.floor(random() * 2_000)
      for (let i = 0; i < count; i++) {
        const key = Math.floor(random() * 50) - 25
        const text = `{"n":${i},"x":"${'y'.repeat(Math.floor(random() * 40))}"}\n`
        expected.push({ key, text })
        await sort.add({ key, line: Buffer.from(text) })
      }
      const parts: Buffer[] = []
      for await (const part of sort.sorted()) parts.push(part)
      const sorted = expected.toSorted((a, b) => a.key - b.key).map(({ text }) => text)
      t.equal(Buffer.concat(parts).toString(), sorted.join(''), `seed ${seed}`)
      await sort.close()
      t.same(readdirSync(folder), [], 'and nothing is left')
      rmSync(folder, { recursive: true })
    }
  },
)
