// Where far more happens than usual, in one line.

import { formatCount, formatMinute, formatPlace, formatRate } from '../shell/format.js'

const SHOWN = 2

/**
 * @param {{ open: any[], ended: any[] }} surges those of `/insights/surges`
 * @returns {{ level: 'warn' | 'idle', text: string }}
 */
export function describeSurges({ open, ended }) {
  if (open.length === 0) {
    const [last] = ended
    const before =
      last === undefined
        ? ''
        : ` The last one, in ${placeOf(last)}, was over at ${formatMinute(last.endedAt)}.`
    return { level: 'idle', text: `No state or cell has far more accidents than usual.${before}` }
  }
  const shown = open.slice(0, SHOWN).map(describeSurge)
  const more = open.length > SHOWN ? `; and ${formatCount(open.length - SHOWN)} more` : ''
  return { level: 'warn', text: `Surge ${shown.join('; ')}${more}.` }
}

function describeSurge(surge) {
  const { startedAt, count, expected } = surge
  return `since ${formatMinute(startedAt)} in ${placeOf(surge)}: ${formatCount(count)} accidents in 5 minutes, ${formatRate(expected)} expected`
}

const placeOf = ({ state, lat, lng }) => (lat === null ? state : `${state} near ${formatPlace(lat, lng)}`)
