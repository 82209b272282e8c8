// Rows of the dead letters.

import { formatMoment } from '../shell/format.js'
import { element } from '../shell/rows.js'
import { describeFate, describePlace, hasWayBack, nameOfOrigin, textOf } from './letter-words.js'

/** @param {any} letter @param {{ mayOperate: boolean, isChosen: boolean }} options */
export function letterRow(letter, { mayOperate, isChosen }) {
  const { id, origin, reason, storedAt } = letter
  const fate = describeFate(letter)
  return {
    key: id,
    className: letter.doneAt === null ? '' : 'faded',
    cells: [
      mayOperate && hasWayBack(letter) ? chooser(letter, isChosen) : '',
      formatMoment(storedAt),
      element(
        'div',
        {},
        element('span', { class: 'place' }, nameOfOrigin(origin)),
        element('span', { class: 'description' }, describePlace(letter)),
      ),
      element(
        'div',
        {},
        reason,
        element('span', { class: 'description mono' }, textOf(letter).slice(0, EXCERPT_LENGTH)),
      ),
      element('span', { class: 'tag', 'data-level': fate.level }, fate.text),
      element(
        'button',
        {
          type: 'button',
          'data-look': id,
          'aria-label': `Look at the letter of ${describePlace(letter)}: ${reason}`,
        },
        'Look at it',
      ),
    ],
  }
}

const EXCERPT_LENGTH = 160

function chooser({ id, reason }, isChosen) {
  const box = element('input', { type: 'checkbox', 'data-choose': id, 'aria-label': `Choose: ${reason}` })
  box.checked = isChosen
  return box
}
