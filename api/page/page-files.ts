import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

const HERE = new URL('./', import.meta.url)
const SECTIONS = new URL('./sections/', import.meta.url)
const PACKAGED: Readonly<Record<string, string>> = {
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
}

export type PageFile = { path: string; type: string; bytes: Buffer; gzipped: Buffer; etag: string }

/**
 * Everything that the browser loads for the page, each under the path that it is served at. A section of the page is a
 * folder with its markup, style and modules. Modules are served as they are, `sections/map/map.js` at
 * `/assets/map/map.js`; markup is put into the one document, and style into the one sheet `/assets/page.css`, so that
 * the first paint waits for two requests and not for thirty.
 */
export function loadPageFiles(): PageFile[] {
  const files = readdirSync(SECTIONS, { recursive: true, encoding: 'utf8' }).sort()
  const served = files.filter((name) => /\.(js|svg)$/.test(name))
  const modules = served.filter((name) => name.endsWith('.js'))
  return [
    toPageFile('/', 'html', Buffer.from(assembleDocument(modules))),
    toPageFile('/assets/page.css', 'css', Buffer.from(assembleStyle(files))),
    ...served.map((name) =>
      toPageFile(`/assets/${name}`, extensionOf(name), readFileSync(sectionFile(name))),
    ),
    ...Object.entries(PACKAGED).map(([name, module]) =>
      toPageFile(`/assets/${name}`, extensionOf(name), readFileSync(new URL(import.meta.resolve(module)))),
    ),
  ]
}

/** The document with each section in its place. All modules are named, so that none waits for the one that imports it. */
function assembleDocument(modules: readonly string[]): string {
  const preloads = modules.map((name) => `<link rel="modulepreload" href="/assets/${name}" />`)
  return readFileSync(new URL('index.html', HERE), 'utf8')
    .replace('<!-- modules -->', () => preloads.join('\n    '))
    .replaceAll(/<!-- section: ([\w/-]+) -->/g, (_mark, name: string) =>
      readFileSync(sectionFile(`${name}.html`), 'utf8').trimEnd(),
    )
}

/** That of the shell first: the others build on it. */
function assembleStyle(files: readonly string[]): string {
  const sheets = files.filter((name) => name.endsWith('.css'))
  const isShell = (name: string) => name.startsWith('shell/')
  const ordered = [...sheets.filter(isShell), ...sheets.filter((name) => !isShell(name))]
  return ordered.map((name) => readFileSync(sectionFile(name), 'utf8')).join('\n')
}

const sectionFile = (name: string) => new URL(name, SECTIONS)

const extensionOf = (name: string) => name.slice(name.lastIndexOf('.') + 1)

function toPageFile(path: string, extension: string, bytes: Buffer): PageFile {
  const type = TYPES[extension]
  if (type === undefined) throw new Error(`no media type for ${path}`)
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
  return { path, type, bytes, gzipped: gzipSync(bytes, { level: 9 }), etag: `"${digest}"` }
}
