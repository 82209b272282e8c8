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
const ASSETS = new URL('./assets/', import.meta.url)
const PACKAGED: Readonly<Record<string, string>> = {
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
}

export type PageFile = { path: string; type: string; bytes: Buffer; gzipped: Buffer; etag: string }

/** Everything that the browser loads for the page, each under the path that it is served at. */
export function loadPageFiles(): PageFile[] {
  const assets = readdirSync(ASSETS).map((name) => toPageFile(`/assets/${name}`, new URL(name, ASSETS)))
  const packaged = Object.entries(PACKAGED).map(([name, module]) =>
    toPageFile(`/assets/${name}`, new URL(import.meta.resolve(module))),
  )
  return [toPageFile('/', new URL('index.html', HERE)), ...assets, ...packaged]
}

function toPageFile(path: string, file: URL): PageFile {
  const bytes = readFileSync(file)
  const extension = file.pathname.slice(file.pathname.lastIndexOf('.') + 1)
  const type = TYPES[extension]
  if (type === undefined) throw new Error(`no media type for ${file.pathname}`)
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
  return { path, type, bytes, gzipped: gzipSync(bytes, { level: 9 }), etag: `"${digest}"` }
}
