// [data-earlier]: earlier messages come in above; what is read stays where it is on the screen.
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-earlier]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  if (link.ariaBusy === 'true') return
  link.ariaBusy = 'true'
  try {
    const response = await fetch(link.dataset.earlier)
    if (!response.ok) throw new Error(`${response.status}`)
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    const row = link.closest('p')
    const first = template.content.querySelector('[data-turn]')
    const hadFocus = link === document.activeElement
    const next = row.nextElementSibling
    const top = next?.getBoundingClientRect().top ?? 0
    row.replaceWith(template.content)
    if (next) scrollBy({ top: next.getBoundingClientRect().top - top, behavior: 'instant' })
    if (hadFocus && first) {
      first.tabIndex = -1
      first.focus({ preventScroll: true })
    }
    document.dispatchEvent(new CustomEvent('mc:refreshed'))
  } catch {
    // Offline: the link itself leads there.
    link.ariaBusy = 'false'
    location.assign(link.href)
  }
})
