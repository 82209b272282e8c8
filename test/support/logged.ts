import { readFileSync } from 'node:fs'
import { importedFiles } from './imported-files.ts'

const MAINS = ['workers/producer/main.ts', 'workers/consumer/main.ts', 'api/main.ts']
const CALL = /\blog(?:ger)?\.(fatal|error|warn|info|debug|child)\(\s*/g

export type LogCall = { file: string; level: string; fields: string[]; phrase: string | undefined }

/** Every call of our programs that writes a line of the log, or gives all of them a field, by its text. */
export function logCalls(): LogCall[] {
  const files = new Map(MAINS.flatMap((main) => [...importedFiles(main)]))
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(CALL)].map((match) => {
      const rest = text.slice(match.index + match[0].length)
      const object = rest.startsWith('{') ? balanced(rest) : ''
      const phrase = /^,?\s*'([^']+)'/.exec(rest.slice(object.length))?.[1]
      return { file, level: match[1] ?? '', fields: fieldsOf(object), phrase }
    }),
  )
}

export const sourceOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** An object literal, up to the brace that closes it. */
function balanced(text: string): string {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return text.slice(0, i + 1)
  }
  throw new Error(`no end: ${text.slice(0, 80)}`)
}

/** Names of its own fields; what it spreads is not seen. */
function fieldsOf(object: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of object.slice(1, -1)) {
    if ('{[('.includes(character)) depth++
    if ('}])'.includes(character)) depth--
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part].flatMap((one) => /^\s*(\w+)\s*(?::|$)/.exec(one)?.[1] ?? [])
}
