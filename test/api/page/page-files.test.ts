import t from 'tap'
import { loadPageFiles } from '../../../api/page/page-files.ts'
import { buildFakeApp } from '../../support/fake-app.ts'

t.test('the whole page weighs less than 120 KB compressed', async (t) => {
  const bytes = loadPageFiles().reduce((sum, file) => sum + file.gzipped.length, 0)
  t.ok(bytes < 120 * 1_024, `${bytes} bytes`)
})

t.test('a section that is named in the document is not put into it', async (t) => {
  const html = documentOf()
  t.notMatch(html, /<!-- (section|modules)/)
  for (const id of ['figures', 'map', 'laws-rows', 'workers-rows'])
    t.match(html, new RegExp(`["' ]${id}["' ]`))
})

t.test('nothing on the page is inline or from elsewhere', async (t) => {
  const html = documentOf()
  t.notMatch(html, / style=/)
  t.notMatch(html, / on[a-z]+=/)
  t.notMatch(html, /<style/)
  t.notMatch(html, /<script(?![^>]*src=)/)
  t.notMatch(html, /https?:\/\//)
})

t.test('every file that the page refers to is served, with its type', async (t) => {
  const app = await buildFakeApp(t)
  const html = (await app.inject('/')).body
  const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
  t.ok(paths.length >= 5)
  for (const path of paths) t.equal((await app.inject(path)).statusCode, 200, path)
  for (const { path } of loadPageFiles().filter((file) => file.path.endsWith('.js'))) {
    const response = await app.inject(path)
    t.match(response.headers['content-type'], /^text\/javascript/, path)
    for (const [, imported = ''] of response.body.matchAll(/from '(\.[^']+)'/g)) {
      const { pathname } = new URL(imported, `http://page${path}`)
      t.equal((await app.inject(pathname)).statusCode, 200, `${path} imports ${pathname}`)
    }
  }
})

t.test(
  'a browser that has the file is not sent it again, and one that can read gzip gets less',
  async (t) => {
    const app = await buildFakeApp(t)
    const plain = await app.inject('/assets/page.css')
    const zipped = await app.inject({ url: '/assets/page.css', headers: { 'accept-encoding': 'br, gzip' } })
    t.equal(zipped.headers['content-encoding'], 'gzip')
    t.ok(zipped.rawPayload.length < plain.rawPayload.length / 2)
    const etag = String(plain.headers.etag)
    const again = await app.inject({ url: '/assets/page.css', headers: { 'if-none-match': etag } })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
  },
)

function documentOf(): string {
  const file = loadPageFiles().find(({ path }) => path === '/')
  return file?.bytes.toString() ?? ''
}
