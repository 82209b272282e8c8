import { readFileSync } from 'node:fs'
import t from 'tap'
import { MAP_FILE, readAtlas, renderMap } from '../../../api/page/bake-map.ts'

t.test('the committed map is the one that the script bakes', async (t) => {
  t.ok(readFileSync(MAP_FILE, 'utf8') === renderMap(readAtlas()), 'run node api/page/bake-map.ts')
})

t.test('the map shows the fifty states and the district once each', async (t) => {
  const ids = [...renderMap(readAtlas()).matchAll(/id="state-([A-Z]{2})"/g)].map((match) => match[1])
  t.equal(new Set(ids).size, 51)
  t.equal(ids.length, 51)
})
