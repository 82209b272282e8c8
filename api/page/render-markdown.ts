import markdownIt from 'markdown-it'

// Markup in a document is shown and not obeyed; `javascript:` and its like are no links.
const parser = markdownIt({ html: false })

/**
 * Renders a document of ours. A heading's anchor is its text in lower case, with hyphens; those of the third level get
 * that of their section in front, for they repeat.
 */
export function renderMarkdown(markdown: string): string {
  const tokens = parser.parse(markdown, {})
  let section = ''
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue
    const anchor = (tokens[index + 1]?.content ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    if (token.tag === 'h2') section = anchor
    token.attrSet('id', token.tag === 'h3' ? `${section}-${anchor}` : anchor)
  }
  return parser.renderer.render(tokens, parser.options, {})
}
