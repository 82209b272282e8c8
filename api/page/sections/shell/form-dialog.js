// A form in a dialog: shows the fields that belong to what is chosen, sends once at a time, and puts what the api finds
// wrong beside the field that it is about.

import { createNotice } from './notice.js'
import { element } from './rows.js'

/**
 * @param {{ dialog: HTMLDialogElement, form: HTMLFormElement, notice: HTMLElement, fieldAt?: (pointer: string) => string | undefined, send: (fields: FormData) => Promise<void> }} parts
 *   `send` rejects with what the api said; the dialog closes when it resolves
 */
export function createFormDialog({ dialog, form, notice, fieldAt = () => undefined, send }) {
  const line = createNotice(notice)
  let isSending = false

  /** Fields that are not shown are not sent, and not asked for. */
  function showChosen() {
    for (const part of form.querySelectorAll('[data-shown-for]')) {
      const [name, value] = part.getAttribute('data-shown-for').split('=')
      const isShown = new FormData(form).get(name) === value
      part.toggleAttribute('hidden', !isShown)
      for (const input of part.querySelectorAll('input')) input.disabled = !isShown
    }
  }

  function clearFaults() {
    line.clear()
    for (const fault of form.querySelectorAll('.fault')) fault.remove()
    for (const field of form.querySelectorAll('[aria-invalid]')) {
      field.removeAttribute('aria-invalid')
      const help = field.getAttribute('data-help')
      if (help === null) field.removeAttribute('aria-describedby')
      else field.setAttribute('aria-describedby', help)
    }
  }

  function showFaults(fault) {
    const unplaced =
      fault.parts?.filter(({ pointer, message }) => !placeFault(fieldAt(pointer), message)) ?? []
    line.refuse({ message: fault.message, parts: unplaced })
    form.querySelector('input[aria-invalid]')?.focus()
  }

  function placeFault(name, message) {
    const field = name === undefined ? null : form.querySelector(`[name="${name}"]`)
    if (field === null) return false
    const id = `${field.id}-fault`
    for (let part = field.closest('details'); part !== null; part = null) part.open = true
    field.setAttribute('aria-invalid', 'true')
    // Read out with the field, after what explains it.
    const help = field.getAttribute('data-help') ?? field.getAttribute('aria-describedby')
    if (help !== null) field.setAttribute('data-help', help)
    field.setAttribute('aria-describedby', help === null ? id : `${help} ${id}`)
    field.parentElement.append(element('p', { class: 'fault', id }, message))
    return true
  }

  form.addEventListener('change', showChosen)
  async function submit() {
    isSending = true
    form.setAttribute('aria-busy', 'true')
    clearFaults()
    try {
      await send(new FormData(form))
      dialog.close()
    } catch (fault) {
      showFaults(fault)
    }
    isSending = false
    form.removeAttribute('aria-busy')
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!isSending) void submit()
  })
  for (const button of form.querySelectorAll('[data-close]')) {
    button.addEventListener('click', () => dialog.close())
  }

  return {
    open() {
      clearFaults()
      showChosen()
      dialog.showModal()
    },
  }
}
