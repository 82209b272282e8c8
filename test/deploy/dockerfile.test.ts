import { readFileSync } from 'node:fs'
import t from 'tap'
import { MEMORY_ENVIRONMENT, MEMORY_FLAGS } from '../../deploy/local/parts/node-process.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const dockerfile = read('Dockerfile')
const manifest = JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> }

t.test('the image runs another Node than the one that was tested', async (t) => {
  const pinned = new Set(Object.values(manifest.optionalDependencies))
  t.equal(pinned.size, 1, 'all platforms pin the same version')
  t.equal(/^ARG NODE_VERSION=(.+)$/m.exec(dockerfile)?.[1], [...pinned][0])
  t.equal(`v${[...pinned][0]}`, process.version, 'the tests themselves run on it')
})

t.test('the image runs as root, or through a shell that swallows signals', async (t) => {
  t.match(dockerfile, /^USER node$/m)
  t.match(dockerfile, /^ENTRYPOINT \["node"\]$/m)
  t.match(dockerfile, /^CMD \["[^"]+"\]$/m)
  t.match(dockerfile, /^VOLUME \["\/tmp"\]$/m, 'a long source is sorted there')
  t.match(dockerfile, /HEALTHCHECK [^\n]*\\\n\s+CMD \["node", /)
})

t.test('the image carries a folder that the ignore file keeps out of its build', async (t) => {
  const allowed = read('.dockerignore')
  for (const [, paths] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of paths?.split(' ') ?? [])
      t.match(allowed, new RegExp(`^!${path.replaceAll('.', '\\.')}$`, 'm'))
  }
})

t.test('a container may take more memory than the same process was measured with', async (t) => {
  const flags = /NODE_OPTIONS="([^"]+)"/.exec(dockerfile)?.[1]?.split(' ')
  t.strictSame(flags, MEMORY_FLAGS)
  for (const [name, value] of Object.entries(MEMORY_ENVIRONMENT)) t.match(dockerfile, ` ${name}=${value}`)
})
