// Keeps the body of a table equal to a list of rows while changing as little as possible, so that a selection, the
// focus and a reader's place survive the update of every second.

/**
 * @typedef {string | number | Node | { text: string, className?: string, title?: string }} Cell
 * @typedef {{ key: string, className?: string, cells: Cell[] }} Row
 */

/**
 * @param {HTMLElement} body
 * @param {Row[]} rows
 * @param {{ columns?: string[], empty?: string }} [options] `columns`: class names of the cells; `empty`: what to say
 *   when there are no rows
 */
export function updateRows(body, rows, { columns = [], empty = 'nothing yet' } = {}) {
  const shown = rows.length > 0 ? rows : [{ key: '', className: 'empty', cells: [empty] }]
  const existing = new Map([...body.children].map((row) => [row.getAttribute('data-key'), row]))
  let previous = null
  for (const { key, className = '', cells } of shown) {
    const row = existing.get(key) ?? createRow(key)
    existing.delete(key)
    if (row.className !== className) row.className = className
    cells.forEach((cell, i) => updateCell(cellAt(row, i), cell, columns[i] ?? ''))
    if (rows.length === 0) row.children[0].setAttribute('colspan', '9')
    const place = previous === null ? body.firstChild : previous.nextSibling
    if (row !== place) body.insertBefore(row, place)
    previous = row
  }
  for (const row of existing.values()) row.remove()
}

function createRow(key) {
  const row = document.createElement('tr')
  row.setAttribute('data-key', key)
  return row
}

function cellAt(row, index) {
  return row.children[index] ?? row.appendChild(document.createElement('td'))
}

function updateCell(element, cell, columnClass) {
  if (cell instanceof Node) {
    if (element.firstChild === null || !element.firstChild.isEqualNode(cell)) element.replaceChildren(cell)
    if (element.className !== columnClass) element.className = columnClass
    return
  }
  const { text, className = '', title = '' } = typeof cell === 'object' ? cell : { text: String(cell) }
  const classes = `${columnClass} ${className}`.trim()
  // What had an element, such as a box to choose it by, may have no text either.
  if (element.textContent !== text || element.firstElementChild !== null) element.textContent = text
  if (element.className !== classes) element.className = classes
  if (element.title !== title) element.title = title
}

/**
 * An element with attributes and children.
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value)
  node.append(...children)
  return node
}

/** Changes a text only when it is another one: what is read out is read out once. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export function setTag(tag, text, level) {
  setText(tag, text)
  tag.dataset.level = level
}
