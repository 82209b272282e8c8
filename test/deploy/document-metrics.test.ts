import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderMetricsPage } from '../../deploy/document-metrics.ts'

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')

t.test('docs/metrics.md tells of metrics that no process has', async (t) => {
  t.equal(page, renderMetricsPage(page), 'docs/metrics.md is current (npm run docs)')
})

t.test('a page without a place for a table comes out without it', async (t) => {
  t.throws(() => renderMetricsPage('# Metrics\n'), { message: /no place for the table of series/ })
})
