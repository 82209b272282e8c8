import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'
import { renderMarkdown } from '../page/render-markdown.ts'
import { INCIDENT_KINDS } from '../watchdog/incident.ts'

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url)
const STYLE = new URL('../page/document.css', import.meta.url)

/** The runbook as a page, where messages link to. It is read once, and holds no data. */
export const runbookRoutes: FastifyPluginAsync = async (app) => {
  const page = renderPage(readFileSync(RUNBOOK, 'utf8'))
  const style = readFileSync(STYLE)
  app.get('/docs/runbook', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page),
  )
  app.get('/docs/runbook.css', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(style),
  )
}

function renderPage(markdown: string): string {
  const links = INCIDENT_KINDS.map((kind) => `<li><a href="#${kind}">${kind}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Roadpulse runbook</title>
<link rel="icon" href="/assets/shell/icon.svg">
<link rel="stylesheet" href="/docs/runbook.css">
</head>
<body>
<nav aria-label="Kinds of incident"><ul><li><a href="/">Operations</a></li>${links.join('')}</ul></nav>
<main>
${renderMarkdown(markdown)}
</main>
</body>
</html>
`
}
