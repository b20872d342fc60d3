// The thread as it grows. A reply in the making is text; its length (data-length) says how much
// of it is here, so that a delta is never doubled and a gap is fetched. Once the turn has ended,
// its article is fetched whole, as the server renders it.
const thread = document.querySelector('[data-thread]')

/** After a fetch that failed. */
const RETRY_MS = 1_000

const article = (id) => thread.querySelector(`[data-turn="${CSS.escape(id)}"]`)
const nearBottom = () => innerHeight + scrollY > document.documentElement.scrollHeight - 160
const toBottom = () => scrollTo({ top: document.documentElement.scrollHeight })

/** Runs `change` and stays at the bottom if the reader was there. */
const keepingPlace = (change) => {
  const stay = nearBottom()
  change()
  if (stay) toBottom()
}

/** Puts an article where its turn belongs, over the one that is there. */
const place = (next) => {
  const current = article(next.dataset.turn)
  if (current) {
    const had = current.querySelector('[data-reply]')
    const has = next.querySelector('[data-reply]')
    // As long as ours, it may show less of it: a page folds what is long.
    const isNoNews = has && had && Number(has.dataset.length) <= Number(had.dataset.length)
    if ('open' in next.dataset && isNoNews) has.replaceWith(had)
    // Somebody edits the waiting message.
    if (current.querySelector('details.edit[open]') && next.querySelector('details.edit')) return
    current.replaceWith(next)
    return
  }
  thread.querySelector('[data-empty]')?.remove()
  const after = [...thread.querySelectorAll('[data-turn]')].find(
    (other) => Number(other.dataset.seq) > Number(next.dataset.seq),
  )
  thread.insertBefore(next, after ?? null)
}

const parse = (html) => {
  const template = document.createElement('template')
  template.innerHTML = html
  return [...template.content.querySelectorAll('[data-turn]')]
}

// One fetch a turn at a time; what comes meanwhile is fetched once more after it.
const fetching = new Map()
const refetch = async (id) => {
  if (fetching.has(id)) return void fetching.set(id, true)
  fetching.set(id, false)
  try {
    const response = await fetch(`/partials/turns/${encodeURIComponent(id)}`)
    if (response.status === 404) article(id)?.remove()
    if (response.ok) {
      const [next] = parse(await response.text())
      if (next) keepingPlace(() => place(next))
    }
  } catch {
    // Offline, perhaps only for this one request: then nobody tells us to look again.
    setTimeout(refetch, RETRY_MS, id)
  } finally {
    const again = fetching.get(id)
    fetching.delete(id)
    if (again) void refetch(id)
  }
}

const append = (id, from, text) => {
  const reply = article(id)?.querySelector('[data-reply].streaming')
  if (!reply) return void refetch(id)
  const have = Number(reply.dataset.length)
  if (from > have) return void fillGap(id, have)
  const fresh = text.slice(have - from)
  if (fresh === '') return
  keepingPlace(() => {
    if (reply.lastChild) reply.lastChild.appendData(fresh)
    else reply.append(fresh)
    reply.dataset.length = have + fresh.length
  })
}

const filling = new Set()
const fillGap = async (id, have) => {
  if (filling.has(id)) return
  filling.add(id)
  try {
    const response = await fetch(
      `/api/v1/persistent_luci/harvest?turn=${encodeURIComponent(id)}&after=${have}`,
    )
    if (!response.ok) return
    const { text } = await response.json()
    filling.delete(id)
    append(id, have, text)
  } catch {
    // Offline: the snapshot after reconnecting looks again.
  } finally {
    filling.delete(id)
  }
}

/** The newest page of the thread, as the server has it; what was taken back goes. */
const lookAtAll = async () => {
  // Offline: the snapshot after reconnecting looks again.
  const response = await fetch('/partials/thread').catch(() => null)
  if (!response?.ok) return
  const turns = parse(await response.text())
  keepingPlace(() => {
    const ids = new Set(turns.map((turn) => turn.dataset.turn))
    const first = Number(turns[0]?.dataset.seq ?? 0)
    for (const old of thread.querySelectorAll('[data-turn][data-open]'))
      if (Number(old.dataset.seq) >= first && !ids.has(old.dataset.turn)) old.remove()
    for (const turn of turns) if (isNews(turn)) place(turn)
  })
}

const isNews = (turn) => {
  const current = article(turn.dataset.turn)
  if (!current || current.ariaLabel !== turn.ariaLabel) return true
  // What has ended stays as it is shown, though a fuller page would fold more of it.
  return 'open' in turn.dataset && current.textContent !== turn.textContent
}

if (thread) {
  document.addEventListener('mc:text', ({ detail }) =>
    append(detail.turnId, detail.from, detail.text),
  )
  document.addEventListener('mc:turn', ({ detail }) => refetch(detail.id))
  document.addEventListener('mc:snapshot', lookAtAll)
  // Turns of other windows, of mc and of other processes are queued without a word to us.
  document.addEventListener('mc:changed', ({ detail }) => {
    if (detail.tables.includes('turns')) void lookAtAll()
  })
  // A question of hers must not stand below the fold, now or when it comes.
  const isAsking = () => document.querySelector('#asks .prompt') !== null
  let asked = isAsking()
  if (!location.hash && (asked || thread.querySelector('[data-turn]'))) toBottom()
  document.addEventListener('mc:refreshed', () => {
    if (isAsking() && !asked) toBottom()
    asked = isAsking()
  })
}
