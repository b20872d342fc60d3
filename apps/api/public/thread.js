// The thread as it grows. A reply in the making comes in pieces of HTML, as the server renders it:
// each says from which character to which it goes, so that none is doubled and a gap is seen. Once
// the turn has ended its article is fetched whole, with the exact record in the pieces' place.
import './earlier.js'
import './story.js'
import { keepingPlace, toBottom } from './reading-place.js'

const thread = document.querySelector('[data-thread]')

/** After a fetch that failed. */
const RETRY_MS = 1_000

const article = (id) => thread.querySelector(`[data-turn="${CSS.escape(id)}"]`)

/** What the reader has open, and where the focus is, survive a newer article. */
const keepState = (from, to) => {
  for (const open of from.querySelectorAll('details[open][id]'))
    to.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '')
  // An answer that is being written outlives the end of the turn that asked.
  for (const field of from.querySelectorAll('[data-answer]')) {
    const same = to.querySelector(`#${CSS.escape(field.id)}`)
    if (same) same.value = field.value
  }
}

const CONTROLS = 'a[href], button, summary, textarea'
/** A receipt says something else by and by. */
const nameOf = (control) =>
  [
    control.tagName,
    control.id,
    control.closest('form')?.action,
    control.closest('details')?.id || control.textContent,
  ].join()
const sameIn = (article, control) =>
  [...article.querySelectorAll(CONTROLS)].find((other) => nameOf(other) === nameOf(control))

/** The keyboard goes on where it was. */
const focusIn = (article) => {
  const control = document.activeElement
  if (!control?.matches(CONTROLS) || !article.contains(control)) return null
  const { selectionStart, selectionEnd } = control
  return (next) => {
    const same = sameIn(next, control)
    same?.focus({ preventScroll: true })
    same?.setSelectionRange?.(selectionStart, selectionEnd)
  }
}

/** It was typed while somebody was still changing it: their words are not lost. */
const rescue = (from, to) => {
  const edited = from.querySelector('details.edit[open] textarea')
  const composer = document.querySelector('#composer-text')
  const said = to.querySelector('[data-inline-said]')
  if (!edited || edited.value === edited.defaultValue || !composer || !said) return
  composer.value = [composer.value, edited.value].filter(Boolean).join('\n')
  composer.dispatchEvent(new Event('input', { bubbles: true }))
  said.className = 'said warn'
  said.textContent = 'It went to Luci before you saved. Your words are in the composer.'
}

/** Puts an article where its turn belongs, over the one that is there. */
const place = (next) => {
  const current = article(next.dataset.turn)
  if (current) {
    // Told twice: a click or a choice that has begun in it goes on.
    if (current.isEqualNode(next)) return
    // Somebody edits the waiting message.
    if (current.querySelector('details.edit[open]') && next.querySelector('details.edit')) return
    const had = current.querySelector('[data-reply]')
    const has = next.querySelector('[data-reply]')
    // As long as ours, it may show less of it: a page folds what is long.
    const isNoNews = has && had && Number(has.dataset.length) <= Number(had.dataset.length)
    if ('open' in next.dataset && isNoNews && isWhole(had)) has.replaceWith(had)
    keepState(current, next)
    rescue(current, next)
    const goOn = focusIn(current)
    current.replaceWith(next)
    goOn?.(next)
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
      if (next) {
        keepingPlace(() => place(next))
        document.dispatchEvent(new CustomEvent('mc:thread', { detail: { id } }))
      }
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

const pieces = (reply) => [...reply.querySelectorAll(':scope > .piece')]
const isWhole = (reply) => reply.dataset.gap === undefined

/** Adds the pieces, each in place of those from where it begins on. False: something is missing. */
const append = (reply, fresh) => {
  for (const { at, to, html } of fresh) {
    const kept = pieces(reply).filter((one) => Number(one.dataset.at) < at)
    const end = kept.length > 0 ? Number(kept.at(-1).dataset.to) : null
    const first = pieces(reply)[0]
    if (end === null && at !== 0 && Number(first?.dataset.at) !== at) return false
    if (end !== null && end !== at) return false
    const next = document.createElement('div')
    next.className = 'piece'
    next.dataset.at = at
    next.dataset.to = to
    next.innerHTML = html
    for (const old of pieces(reply)) if (!kept.includes(old)) old.remove()
    reply.append(next)
    reply.dataset.length = to
  }
  return true
}

const grow = ({ turnId, pieces: fresh }) => {
  const reply = article(turnId)?.querySelector('[data-reply].streaming')
  if (!reply || fresh === null) return void refetch(turnId)
  // What was told before the page was rendered is on it.
  if (fresh.at(-1).to <= Number(reply.dataset.length) && pieces(reply).length > 0) return
  let whole
  keepingPlace(() => {
    whole = append(reply, fresh)
  })
  if (whole) return
  reply.dataset.gap = ''
  void refetch(turnId)
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

/** Out of sight it is enough to look once when somebody does. */
let missed = false
const lookWhenSeen = () => {
  if (document.hidden) missed = true
  else void lookAtAll()
}

if (thread) {
  document.addEventListener('mc:html', ({ detail }) => !document.hidden && grow(detail))
  document.addEventListener('mc:turn', ({ detail }) =>
    document.hidden ? lookWhenSeen() : refetch(detail.id),
  )
  document.addEventListener('mc:snapshot', lookWhenSeen)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    // A reply may have grown without us.
    const open = thread.querySelector('[data-reply].streaming')
    if (missed || open) void lookAtAll()
    missed = false
  })
  // Turns of other windows, of mc and of other processes are queued without a word to us.
  document.addEventListener('mc:changed', ({ detail }) => {
    if (detail.tables.includes('turns')) lookWhenSeen()
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
