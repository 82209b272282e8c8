import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { imageTag } from '../../../deploy/aws/image.ts'

t.test('the tag stays when what is in the image changes, or changes with what is not', (t) => {
  const root = `${t.testdir()}/`
  mkdirSync(`${root}lib`)
  mkdirSync(`${root}docs`)
  for (const file of ['Dockerfile', 'lib/a.ts', 'docs/kept.md', 'docs/other.md'])
    writeFileSync(`${root}${file}`, file)
  writeFileSync(`${root}.dockerignore`, '*\n!lib\n!docs/kept.md\n')
  const before = imageTag(root)
  t.match(before, /^[0-9a-f]{12}$/)

  writeFileSync(`${root}docs/other.md`, 'changed')
  t.equal(imageTag(root), before)
  const seen = new Set([before])
  for (const file of ['Dockerfile', 'lib/a.ts', 'docs/kept.md', 'lib/new.ts']) {
    writeFileSync(`${root}${file}`, 'changed')
    seen.add(imageTag(root))
  }
  t.equal(seen.size, 5, 'each change makes another tag')
  t.end()
})
