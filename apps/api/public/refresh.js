// data-live="tickets alerts": the element is fetched again when one of these tables changed
// (or "status" did), from data-live-src or this very page, and morphed in place.
const changed = new Set()
let timer
/** Changes this close together are fetched once. */
const TOGETHER_MS = 60

const regions = (names) =>
  [...document.querySelectorAll('[data-live]')].filter((region) =>
    region.dataset.live.split(' ').some((name) => names.has(name)),
  )

/** Somebody is about to use a form in it: not now. */
const isBusy = (region) =>
  region.contains(document.activeElement) &&
  document.activeElement.matches('input, select, textarea, summary, details *')

const refresh = (region) => {
  if (isBusy(region) || region.querySelector('details.pop[open]')) {
    region.addEventListener('focusout', () => setTimeout(() => refresh(region), 200), {
      once: true,
    })
    return
  }
  const open = [...region.querySelectorAll('details[open]')].map((one) => one.closest('[id]')?.id)
  const src = region.dataset.liveSrc
  const options = src
    ? { source: region, target: region, swap: 'innerHTML' }
    : { source: region, target: region, select: `#${region.id}`, swap: 'outerMorph' }
  window.htmx
    .ajax('GET', src ?? location.pathname + location.search, options)
    .then(() => {
      // What the reader had unfolded stays so.
      for (const id of open)
        if (id) document.getElementById(id)?.querySelector('details')?.setAttribute('open', '')
      document.dispatchEvent(new CustomEvent('mc:refreshed'))
    })
    .catch(() => {
      // The last data stays; the footer says that the connection is lost.
    })
}

const soon = (names) => {
  for (const name of names) changed.add(name)
  if (timer) return
  timer = setTimeout(() => {
    timer = undefined
    const found = regions(changed)
    changed.clear()
    for (const region of found) refresh(region)
  }, TOGETHER_MS)
}

document.addEventListener('mc:changed', (event) => soon(event.detail.tables))
document.addEventListener('mc:status', () => soon(['status']))
document.addEventListener('mc:turn', () => soon(['turns']))
document.addEventListener('mc:snapshot', () =>
  soon(['status', 'tickets', 'turns', 'inbox', 'tasks', 'runs', 'alerts', 'settings', 'workers']),
)
