// What the forms of a replay ask the api for.

/** @typedef {{ get(name: string): unknown, getAll(name: string): unknown[] }} Fields those of a `FormData` */

/** The body of `POST /replays`. What is left empty is not sent. @param {Fields} fields */
export function readReplay(fields) {
  const filter = readFilter(fields)
  const name = textOf(fields, 'name')
  return {
    source: readSource(fields),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    pace: readPace(fields),
    ...(name === '' ? {} : { name }),
  }
}

/** @param {Fields} fields */
export function readPace(fields) {
  const kind = textOf(fields, 'pace')
  if (kind === 'rate') return { kind, rowsPerSecond: Number(textOf(fields, 'rows-per-second')) }
  if (kind === 'speed') return { kind, factor: Number(textOf(fields, 'factor')) }
  return { kind: 'max' }
}

function readSource(fields) {
  if (textOf(fields, 'source') === 'csv') return { kind: 'csv', uri: textOf(fields, 'uri') }
  return {
    kind: 'raw-layer',
    from: textOf(fields, 'hour-from').slice(0, HOUR_LENGTH),
    to: textOf(fields, 'hour-to').slice(0, HOUR_LENGTH),
    feeds: fields.get('with-replays') === null ? 'live' : 'all',
  }
}

/** Of 2026-11-23T14:00, as a field for date and time has it. */
const HOUR_LENGTH = '2026-11-23T14'.length

function readFilter(fields) {
  const states = wordsOf(fields, 'states').map((state) => state.toUpperCase())
  const severities = fields.getAll('severity').map(Number)
  const ids = wordsOf(fields, 'ids')
  const [from, to] = ['began-from', 'began-before'].map((name) => textOf(fields, name))
  const edges = Object.fromEntries(EDGES.map((edge) => [edge, textOf(fields, edge)]))
  const hasBox = EDGES.some((edge) => edges[edge] !== '')
  return {
    ...(from === '' ? {} : { from: toUtc(from) }),
    ...(to === '' ? {} : { to: toUtc(to) }),
    ...(states.length === 0 ? {} : { states }),
    ...(severities.length === 0 ? {} : { severities }),
    ...(ids.length === 0 ? {} : { ids }),
    ...(hasBox ? { box: Object.fromEntries(EDGES.map((edge) => [edge, numberOf(edges[edge])])) } : {}),
  }
}

const EDGES = ['north', 'south', 'west', 'east']

const textOf = (fields, name) => String(fields.get(name) ?? '').trim()

const wordsOf = (fields, name) =>
  textOf(fields, name)
    .split(/[\s,;]+/)
    .filter((word) => word !== '')

/** An edge that is missing is refused by name, not taken as the equator. */
const numberOf = (text) => (text === '' ? null : Number(text))

const toUtc = (text) => `${text.length === HOUR_LENGTH + 3 ? `${text}:00` : text}Z`

/** The field of the form that a part of the request comes from, by its pointer. */
const FIELDS = [
  ['/body/source/uri', 'uri'],
  ['/body/source/from', 'hour-from'],
  ['/body/source/to', 'hour-to'],
  ['/body/source', 'source'],
  ['/body/filter/from', 'began-from'],
  ['/body/filter/to', 'began-before'],
  ['/body/filter/states', 'states'],
  ['/body/filter/severities', 'severity'],
  ['/body/filter/ids', 'ids'],
  ['/body/filter/box/north', 'north'],
  ['/body/filter/box/south', 'south'],
  ['/body/filter/box/west', 'west'],
  ['/body/filter/box/east', 'east'],
  ['/body/pace/rowsPerSecond', 'rows-per-second'],
  ['/body/pace/factor', 'factor'],
  ['/body/name', 'name'],
]

/** @param {string} pointer of the problem's `errors` */
export function fieldAt(pointer) {
  const [, field] = FIELDS.find(([prefix]) => pointer === prefix || pointer.startsWith(`${prefix}/`)) ?? []
  return field
}
