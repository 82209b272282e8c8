// One dead letter: all that is known of it, what it holds, and where there is a way back, with a fix or as it is.

import { createFormDialog } from '../shell/form-dialog.js'
import { element } from '../shell/rows.js'
import {
  canBeMended,
  describePlace,
  factsOf,
  hasWayBack,
  nameOfOrigin,
  textOf,
  wayOf,
} from './letter-words.js'

/**
 * @param {(id: string) => any} at
 * @param {{ recover: (letters: any[], fixes: { id: string, text: string }[]) => Promise<void> }} parts
 */
export function createLetterDialog(at, { recover }) {
  let letter
  let shownText = ''
  const dialog = createFormDialog({
    dialog: at('letter-dialog'),
    form: at('letter-form'),
    notice: at('letter-notice'),
    async send() {
      // As the field has it: a form would send each line break as two characters.
      const text = at('letter-text').value
      const isMended = canBeMended(letter) && text !== shownText
      await recover([letter], isMended ? [{ id: letter.id, text }] : [])
    },
  })

  return {
    /** @param {any} shown @param {boolean} mayOperate */
    open(shown, mayOperate) {
      letter = shown
      const mayRecover = mayOperate && hasWayBack(letter)
      const place = describePlace(letter)
      at('letter-title').textContent = `${place === '' ? 'A record' : place}: ${nameOfOrigin(letter.origin)}`
      at('letter-facts').replaceChildren(
        ...factsOf(letter).map(([name, value]) =>
          element('div', {}, element('dt', {}, name), element('dd', {}, value)),
        ),
      )
      at('letter-text').value = textOf(letter)
      // The field may write line breaks in another way.
      shownText = at('letter-text').value
      at('letter-text').readOnly = !mayRecover || !canBeMended(letter)
      at('letter-help').textContent = describeHelp(letter, mayOperate)
      at('letter-recover').hidden = !mayRecover
      dialog.open()
    },
  }
}

function describeHelp(letter, mayOperate) {
  if (letter.doneAt !== null) return 'It was fed in again.'
  if (letter.recovery !== null) return 'It is on its way back.'
  const isForProducer = letter.origin === 'row' || letter.origin === 'rejected'
  const cut =
    isForProducer && !canBeMended(letter) ? ' Only its beginning is shown, so it cannot be mended here.' : ''
  const bytes = letter.text === null ? ' Bytes that are not UTF-8 are shown as \ufffd.' : ''
  const may = mayOperate || letter.origin === 'oversize' ? '' : ' That needs a token with the role operate.'
  return `${wayOf(letter.origin)}${cut}${bytes}${may}`
}
