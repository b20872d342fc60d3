// data-live="tickets alerts": the element is fetched again when one of these tables changed
// (or "status" did), from data-live-src or this very page, and morphed in place. A page that nobody
// looks at waits until somebody does; all parts of a page come with one request.
const changed = new Set()
let timer
/** Changes this close together are fetched once. */
const TOGETHER_MS = 60

const regions = (names) =>
  [...document.querySelectorAll('[data-live]')].filter((region) =>
    region.dataset.live.split(' ').some((name) => names.has(name)),
  )

/** Somebody is about to use a form in it, or drags a part of it: not now. */
const isBusy = (region) =>
  (region.contains(document.activeElement) &&
    document.activeElement.matches('input, select, textarea, summary, details *')) ||
  region.querySelector('details.pop[open], .dragged')

const onceFree = (region) => {
  const end = region.querySelector('.dragged') ? 'dragend' : 'focusout'
  region.addEventListener(end, () => setTimeout(refresh, 200, [region]), { once: true })
}

const fetchPage = async (url) => {
  const response = await fetch(url, { headers: { 'hx-request': 'true', accept: 'text/html' } })
  if (!response.ok) throw new Error(`${response.status}`)
  return response.text()
}

const put = async (region, text) => {
  if (!region.isConnected) return
  const isPart = Boolean(region.dataset.liveSrc)
  const open = [...region.querySelectorAll('details[open]')].map((one) => one.closest('[id]')?.id)
  await window.htmx.swap({
    sourceElement: region,
    target: region,
    text,
    ...(isPart ? { swap: 'innerMorph' } : { select: `#${region.id}`, swap: 'outerMorph' }),
  })
  // What the reader had unfolded stays so.
  for (const id of open)
    if (id) document.getElementById(id)?.querySelector('details')?.setAttribute('open', '')
}

const refresh = async (found) => {
  const free = found.filter((region) => !isBusy(region))
  for (const busy of found) if (!free.includes(busy)) onceFree(busy)
  const pages = new Map()
  for (const region of free) {
    const url = region.dataset.liveSrc ?? location.pathname + location.search
    pages.set(url, [...(pages.get(url) ?? []), region])
  }
  try {
    await Promise.all(
      [...pages].map(async ([url, parts]) => {
        const text = await fetchPage(url)
        for (const region of parts) {
          // Somebody may have begun while it was fetched.
          if (isBusy(region)) onceFree(region)
          else await put(region, text)
        }
      }),
    )
    document.dispatchEvent(new CustomEvent('mc:refreshed'))
  } catch {
    // The last data stays; the page says that the connection is lost.
  }
}

const soon = (names) => {
  for (const name of names) changed.add(name)
  if (timer || document.hidden) return
  timer = setTimeout(() => {
    timer = undefined
    const found = regions(changed)
    changed.clear()
    if (found.length > 0) void refresh(found)
  }, TOGETHER_MS)
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && changed.size > 0) soon([])
})
document.addEventListener('mc:changed', (event) => soon(event.detail.tables))
document.addEventListener('mc:status', () => soon(['status']))
document.addEventListener('mc:turn', () => soon(['turns']))
document.addEventListener('mc:snapshot', () =>
  soon([
    'status',
    'tickets',
    'turns',
    'inbox',
    'tasks',
    'runs',
    'alerts',
    'digests',
    'questions',
    'settings',
    'proposals',
    'acts',
    'workers',
  ]),
)
