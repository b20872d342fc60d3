// [data-told]: notices and banners stay below the header. How high they are is known to the page, so
// that what has the focus is never scrolled under them.
const told = document.querySelector('[data-told]')

if (told) {
  const measure = () =>
    document.documentElement.style.setProperty('--told', `${told.getBoundingClientRect().height}px`)
  // Now: what scrolls as the page begins must know it already.
  measure()
  new ResizeObserver(measure).observe(told)
  told.addEventListener('click', ({ target }) => {
    if (target.closest('[data-close-notice]')) target.closest('.notice').remove()
  })
}
