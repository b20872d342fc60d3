// A question of Luci's is told to screen readers when it comes, and F8 leads to it from anywhere;
// nobody's typing is interrupted for it.
const region = document.querySelector('[data-aloud]')
const told = new Set()

const look = () => {
  for (const prompt of document.querySelectorAll('[data-prompt]')) {
    if (told.has(prompt.dataset.prompt)) continue
    told.add(prompt.dataset.prompt)
    region.textContent = `${prompt.ariaLabel}. Press F8 to go there.`
  }
}

if (region) {
  for (const event of ['mc:refreshed', 'mc:thread']) document.addEventListener(event, look)
  requestAnimationFrame(look)
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'F8') return
    const button = document.querySelector('[data-prompt] .choices button')
    if (!button) return
    event.preventDefault()
    button.scrollIntoView({ block: 'center' })
    button.focus()
  })
}
