// details.pop: one is open at a time; Escape and a click elsewhere close it. Where it is a list of
// buttons the arrow keys go through them.
const close = (one) => one.removeAttribute('open')

document.addEventListener('click', ({ target }) => {
  for (const one of document.querySelectorAll('details.pop[open]'))
    if (!one.contains(target)) close(one)
})

document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const pop = step && event.target.closest?.('details.pop[open]')
  if (
    !pop ||
    !event.target.matches('summary, button') ||
    pop.querySelector('input, select, textarea')
  )
    return
  const buttons = [...pop.querySelectorAll('button:not(:disabled)')]
  if (buttons.length === 0) return
  event.preventDefault()
  const at = buttons.indexOf(event.target)
  buttons.at(at === -1 ? (step > 0 ? 0 : -1) : (at + step) % buttons.length).focus()
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const open = document.querySelector('details.pop[open]')
  if (!open) return
  const had = open.contains(document.activeElement)
  close(open)
  if (had) open.querySelector('summary').focus()
})
