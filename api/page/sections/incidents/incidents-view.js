// Open incidents, those of late, and older ones when somebody asks for them.

import { formatCount } from '../shell/format.js'
import { createNotice } from '../shell/notice.js'
import { setTag, updateRows } from '../shell/rows.js'
import { incidentRow } from './incident-rows.js'
import { sortedBySeverity } from './incident-words.js'

const COLUMNS = ['nowrap', '', 'nowrap', 'sent']
const OLDER_AT_ONCE = 50

/**
 * @param {(id: string) => HTMLElement} at
 * @param {import('../shell/api-client.js').Call} call
 */
export function createIncidentsView(at, call) {
  const notice = createNotice(at('incidents-notice'))
  let shown = { open: [], recent: [] }
  let older = []
  /** @type {string | null | undefined} undefined before the first page */
  let cursor
  updateRows(at('incidents-rows'), [], { empty: 'the watchdog has not said anything yet' })

  function show() {
    const { open, recent } = shown
    const first = [...sortedBySeverity(open), ...recent]
    const known = new Set(first.map(({ id }) => id))
    const all = [...first, ...older.filter(({ id }) => !known.has(id))]
    updateRows(
      at('incidents-rows'),
      all.map((incident) => incidentRow(incident, Date.now())),
      { columns: COLUMNS, empty: 'nothing has gone wrong as far back as is remembered' },
    )
    const isBad = open.some(({ severity }) => severity === 'critical')
    const level = open.length === 0 ? 'good' : isBad ? 'bad' : 'warn'
    setTag(at('incidents-count'), open.length === 0 ? 'none open' : `${formatCount(open.length)} open`, level)
    at('incidents-older').hidden = cursor === null
  }

  async function showOlder() {
    try {
      const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = await call('GET', `/incidents?state=closed&limit=${OLDER_AT_ONCE}${after}`)
      older = [...older, ...page.items]
      cursor = page.nextCursor
      notice.clear()
      show()
    } catch (fault) {
      notice.refuse(fault)
    }
  }

  at('incidents-older').addEventListener('click', () => void showOlder())

  return {
    /** @param {{ open: any[], recent: any[] }} incidents */
    update(incidents) {
      shown = incidents
      show()
    },
  }
}
