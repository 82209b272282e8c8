import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderMarkdown } from '../../../api/page/render-markdown.ts'
import { INCIDENT_KINDS } from '../../../api/watchdog/incident.ts'
import { METRICS } from '../../../lib/process/metrics/metric-table.ts'
import { buildFakeApp } from '../../support/fake-app.ts'

const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
const sections = runbook.split(/^## /m).slice(1)

t.test('a kind of incident has no section, or a section leaves out what to do', async (t) => {
  t.same(
    sections.map((section) => section.split('\n', 1)[0]),
    INCIDENT_KINDS,
  )
  for (const section of sections) {
    const parts = section.split(/^### /m).slice(1)
    t.same(
      parts.map((part) => part.split('\n', 1)[0]),
      ['What it means', 'How to see it', 'What to do'],
    )
    for (const part of parts) t.ok(part.split('\n').slice(1).join('').trim().length > 80, part)
  }
})

t.test('a link of the runbook, or a path, metric or file that it names, leads nowhere', async (t) => {
  const app = await buildFakeApp(t)
  const { body } = await app.inject('/docs/runbook')
  const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const links = [...body.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href)
  t.ok(links.length > INCIDENT_KINDS.length)
  for (const link of links) {
    if (link.startsWith('#')) t.ok(ids.has(link.slice(1)), link)
    else t.equal((await app.inject(link)).statusCode, 200, link)
  }
  t.equal(
    (runbook.match(/\]\(/g) ?? []).length,
    (
      body
        .match(/<p>.*<\/p>/gs)
        ?.join('')
        .match(/<a /g) ?? []
    ).length,
  )

  const { paths } = (await app.inject('/docs/json')).json<{ paths: Record<string, object> }>()
  for (const [, method = '', path = ''] of runbook.matchAll(/`(GET|POST) (\/[\w/-]+)/g)) {
    t.ok(Object.hasOwn(paths[path] ?? {}, method.toLowerCase()), `${method} ${path}`)
  }
  for (const [, metric = ''] of runbook.matchAll(/`(consumer_\w+)`/g)) t.ok(metric in METRICS, metric)
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const [, script = ''] of runbook.matchAll(/npm run ([\w:]+)/g)) t.ok(script in scripts, script)
})

t.test('what is written in a document becomes markup, or a link that runs something', async (t) => {
  t.equal(
    renderMarkdown('a <script>x</script> & `<b>*c*</b>` *d* [e](javascript:x) [f](#g)'),
    '<p>a &lt;script&gt;x&lt;/script&gt; &amp; <code>&lt;b&gt;*c*&lt;/b&gt;</code> <em>d</em> [e](javascript:x) <a href="#g">f</a></p>\n',
  )
  t.equal(
    renderMarkdown('## A "b"\n\n### C\n\n```sh\n<x>\n```'),
    '<h2 id="a-b-">A &quot;b&quot;</h2>\n<h3 id="a-b--c">C</h3>\n<pre><code class="language-sh">&lt;x&gt;\n</code></pre>\n',
  )
})

t.test('the runbook is served without the policy that the page has', async (t) => {
  const app = await buildFakeApp(t)
  const { headers, body, statusCode } = await app.inject('/docs/runbook')
  t.equal(statusCode, 200)
  t.match(headers['content-type'], /^text\/html/)
  t.match(headers['content-security-policy'], /default-src 'none'/)
  t.notMatch(body, /<style|<script| style=/)
})
