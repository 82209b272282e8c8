/** The text with what stands between two markers made anew. `what` that is, for the error where it has no such place. */
export function replaceBetween(
  text: string,
  { begin, end, what }: { begin: string; end: string; what: string },
  content: string,
): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`there is no place for ${what}: "${begin}" followed by "${end}"`)
  return text.slice(0, from + begin.length) + content + text.slice(to)
}

/** The same for a table of a page in Markdown, which is known there by its name. */
export function replaceTable(page: string, name: string, table: string): string {
  const begin = `<!-- ${name}: written by \`npm run docs\` -->\n`
  return replaceBetween(page, { begin, end: `<!-- /${name} -->`, what: `the table of ${name}` }, table)
}
