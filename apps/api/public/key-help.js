// ?: the dialog that lists the keys. The browser keeps the focus in it and closes it with Escape.
import { areOn, onKey, switchKeys } from './single-keys.js'

const dialog = document.querySelector('dialog[data-key-help]')
const openers = document.querySelectorAll('[data-open-key-help]')
const choice = dialog?.querySelector('[data-keys-on]')

if (dialog) {
  const open = () => {
    choice.checked = areOn()
    dialog.showModal()
  }
  for (const opener of openers) {
    opener.hidden = false
    opener.addEventListener('click', open)
  }
  choice.addEventListener('change', () => switchKeys(choice.checked))
  onKey((key) => key === '?' && open())
}
