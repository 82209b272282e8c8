// One line of a section that says what became of what somebody did. It is read out when it changes.

import { element } from './rows.js'

/** @param {HTMLElement} line with the role status */
export function createNotice(line) {
  function show(level, ...parts) {
    line.dataset.level = level
    line.replaceChildren(...parts)
    line.hidden = parts.length === 0
  }

  return {
    clear: () => show(''),
    /** @param {string} text */
    say: (text) => show('good', text),
    /** In the words of the api, with each part of the request that it found wrong. @param {any} fault */
    refuse(fault) {
      const parts = (fault.parts ?? []).filter(({ message }) => !fault.message.includes(message))
      const list = parts.map(({ pointer, message }) => element('li', {}, `${pointer}: ${message}`))
      show('bad', fault.message, ...(list.length === 0 ? [] : [element('ul', {}, ...list)]))
    },
  }
}
