import { existsSync, readFileSync } from 'node:fs'

const IMPORT = /(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|import\s*\(?'(\.[^']+)'/g

/** The files of ours that a program loads, by following its imports; those that only lend it types are not among them. */
export function importedFiles(main: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const waiting = [new URL(`../../${main}`, import.meta.url)]
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (files.has(url.pathname) || !existsSync(url)) continue
    const text = readFileSync(url, 'utf8')
    files.set(url.pathname, text)
    for (const [, isType, from, bare] of text.matchAll(IMPORT)) {
      if (isType === undefined) waiting.push(new URL(from ?? bare ?? '', url))
    }
  }
  return files
}
