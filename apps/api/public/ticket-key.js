// c: the composer, ready for a ticket.
import { onKey } from './single-keys.js'

onKey((key, event) => {
  const form = document.querySelector('[data-composer]')
  if (key !== 'c' || !form) return
  event.preventDefault()
  const mode = form.querySelector('input[value=quick_ticket]')
  mode.checked = true
  mode.dispatchEvent(new Event('change', { bubbles: true }))
  form.closest('details')?.setAttribute('open', '')
  form.elements.text.focus()
})
