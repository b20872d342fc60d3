// Where the reader is in the thread: who is at its end stays there as it grows, who reads further up
// is left in peace and finds a way down: [data-latest].
const latest = document.querySelector('[data-latest]')
const NEAR_PX = 160

/** `grownPx`: as it was before the page grew by so much. */
const nearBottom = (grownPx = 0) =>
  innerHeight + scrollY > document.documentElement.scrollHeight - NEAR_PX - grownPx
export const toBottom = () => scrollTo({ top: document.documentElement.scrollHeight })

/** Runs `change` and stays at the end if the reader was there. */
export const keepingPlace = (change) => {
  const stay = nearBottom()
  const before = document.documentElement.scrollHeight
  change()
  if (stay) toBottom()
  else if (latest && document.documentElement.scrollHeight > before) latest.dataset.news = ''
}

if (latest) {
  const show = () => {
    latest.hidden = nearBottom()
    if (latest.hidden) delete latest.dataset.news
  }
  addEventListener('scroll', show, { passive: true })
  addEventListener('resize', show)
  document.addEventListener('mc:html', () => requestAnimationFrame(show))
  latest.addEventListener('click', () => {
    toBottom()
    document.querySelector('#composer-text')?.focus({ preventScroll: true })
  })
  // A phone's keyboard makes the page shorter; who was at the end still wants to be.
  let atEnd = true
  addEventListener('scroll', () => {
    atEnd = nearBottom()
  })
  visualViewport?.addEventListener('resize', () => atEnd && toBottom())
  requestAnimationFrame(show)
  // So does a composer that grows: it lies over the end of the thread.
  let height = null
  new ResizeObserver(([{ contentRect }]) => {
    const grown = height === null ? 0 : contentRect.height - height
    height = contentRect.height
    if (grown > 0 && nearBottom(grown)) toBottom()
  }).observe(latest.parentElement)
}
