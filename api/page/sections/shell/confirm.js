// Asks before something is done that cannot be taken back.

/** @param {(id: string) => HTMLElement} at */
export function createConfirm(at) {
  const dialog = /** @type {HTMLDialogElement} */ (at('confirm'))
  let answer = (_isYes) => {}
  at('confirm-no').addEventListener('click', () => dialog.close())
  at('confirm-yes').addEventListener('click', () => {
    answer(true)
    dialog.close()
  })
  // Also by the escape key: whatever closes it without a yes is a no.
  dialog.addEventListener('close', () => answer(false))

  /** @param {{ title: string, text: string, yes: string }} question @returns {Promise<boolean>} */
  return ({ title, text, yes }) => {
    at('confirm-title').textContent = title
    at('confirm-text').textContent = text
    at('confirm-yes').textContent = yes
    dialog.showModal()
    return new Promise((resolve) => {
      answer = resolve
    })
  }
}
