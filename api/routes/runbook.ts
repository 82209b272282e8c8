import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'
import { INCIDENT_KINDS } from '../watchdog/incident.ts'

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url)
const STYLE = new URL('../page/document.css', import.meta.url)

/** The runbook as a page, where messages link to. It holds no data, and is rendered when somebody first asks for it. */
export const runbookRoutes: FastifyPluginAsync = async (app) => {
  const style = readFileSync(STYLE)
  let page: Promise<string> | undefined
  app.get('/docs/runbook', { schema: { hide: true } }, async (_request, reply) => {
    page ??= renderRunbook()
    return reply
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(await page)
  })
  app.get('/docs/runbook.css', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(style),
  )
}

async function renderRunbook(): Promise<string> {
  const { renderMarkdown } = await import('../page/render-markdown.ts')
  return renderPage(renderMarkdown(readFileSync(RUNBOOK, 'utf8')))
}

function renderPage(body: string): string {
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
${body}
</main>
</body>
</html>
`
}
