// details.pop: one is open at a time; Escape and a click elsewhere close it.
const close = (one) => one.removeAttribute('open')

document.addEventListener('click', ({ target }) => {
  for (const one of document.querySelectorAll('details.pop[open]'))
    if (!one.contains(target)) close(one)
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const open = document.querySelector('details.pop[open]')
  if (!open) return
  const had = open.contains(document.activeElement)
  close(open)
  if (had) open.querySelector('summary').focus()
})
