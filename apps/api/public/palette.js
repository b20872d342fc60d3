// Ctrl/Cmd+K: pages, actions and what is searched for, in one list. The link that opens it is the
// page of the search where this script does not run. / goes there too, or to its field. The list
// itself is fetched when it is opened for the first time.
import { rememberPage } from './recent.js'
import { onKey } from './single-keys.js'

const dialog = document.querySelector('dialog[data-palette]')
const link = document.querySelector('[data-find]')
const input = dialog?.querySelector('input')

if (dialog && link) {
  rememberPage()
  const hint = link.querySelector('[data-palette-hint]')
  if (/Mac|iPhone|iPad/.test(navigator.platform)) hint.textContent = '⌘ K'
  const open = async () => {
    if (dialog.open) return
    // At once: who types on must not type into the page.
    input.value = ''
    dialog.showModal()
    input.focus()
    try {
      const { begin } = await import('./palette-list.js')
      begin()
    } catch {
      // It cannot be fetched: the link's own page says so, or does the same.
      location.assign(link.href)
    }
  }
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    void open()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return
    if (event.shiftKey || document.querySelector('dialog[open]:not([data-palette])')) return
    event.preventDefault()
    if (dialog.open) dialog.close()
    else void open()
  })
  onKey((key, event) => {
    if (key !== '/') return
    event.preventDefault()
    const field = document.querySelector('main input[type=search]#q')
    if (field) field.select()
    else location.assign('/search')
  })
}
