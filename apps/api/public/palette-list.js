// What the palette lists and does; palette.js opens it.
import { recentPages } from './recent.js'

const dialog = document.querySelector('dialog[data-palette]')
const input = dialog.querySelector('input')
const list = dialog.querySelector('ul')
const status = dialog.querySelector('[role=status]')
const csrf = document.querySelector('meta[name=csrf-token]')?.content
/** A pause this long is the end of a word. */
const TYPED_MS = 120
const FOUND_MAX = 8

const post = async (url, fields, then = location.href) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-csrf-token': csrf,
    },
    body: JSON.stringify(fields),
  }).catch(() => null)
  if (response?.ok) return location.assign(then)
  status.textContent = 'That could not be done.'
  status.className = 'notice bad'
}

const pages = () =>
  [...document.querySelectorAll('nav.side a')].map((one) => ({
    kind: 'Page',
    text: one.querySelector('span').textContent,
    href: one.getAttribute('href'),
    keys: one.dataset.go ? `g ${one.dataset.go}` : '',
  }))

const newTicket = () => {
  const form = document.querySelector('[data-composer]')
  const mode = form?.querySelector('input[value=quick_ticket]')
  if (!mode) return location.assign('/board')
  mode.checked = true
  mode.dispatchEvent(new Event('change', { bubbles: true }))
  form.closest('details')?.setAttribute('open', '')
  form.elements.text.focus()
}

/** Pages that stand in no navigation, with other words that people look for. */
const places = [
  { kind: 'Page', text: 'Costs', href: '/costs', also: 'tokens money usage cap spent' },
  {
    kind: 'Page',
    text: 'What Luci proposed and did',
    href: '/acts',
    also: 'acts undo wrong record',
  },
  {
    kind: 'Page',
    text: 'What Luci does by herself',
    href: '/settings#autonomy',
    also: 'autonomy trust unlock lock shadow',
  },
]

const actions = [
  { kind: 'Action', text: 'New ticket', keys: 'c', act: newTicket },
  {
    kind: 'Action',
    text: 'Pause autonomous action',
    also: 'stop luci workers digests autonomy',
    act: () => post('/api/v1/autonomy/pause', {}),
  },
  {
    kind: 'Action',
    text: 'Resume autonomous action',
    also: 'go on luci workers digests autonomy',
    act: () => post('/api/v1/autonomy/resume', {}),
  },
  {
    kind: 'Action',
    text: 'Pause all tasks',
    also: 'schedules stop',
    act: () => post('/api/v1/tasks/pause', { reason: 'From the command palette' }, '/schedules'),
  },
  {
    kind: 'Action',
    text: 'Resume tasks paused together',
    act: () => post('/api/v1/tasks/resume', {}, '/schedules'),
  },
  { kind: 'Action', text: 'Dark pages', act: () => post('/theme', { theme: 'dark' }) },
  { kind: 'Action', text: 'Light pages', act: () => post('/theme', { theme: 'light' }) },
  {
    kind: 'Action',
    text: 'Pages as the system has it',
    act: () => post('/theme', { theme: 'system' }),
  },
  {
    kind: 'Action',
    text: 'Keys',
    keys: '?',
    act: () => document.querySelector('[data-open-key-help]')?.click(),
  },
]

const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean)
const has = (entry, typed) =>
  typed.every((word) =>
    words(`${entry.text} ${entry.also ?? ''}`).some((one) => one.startsWith(word)),
  )

const kinds = { ticket: 'Ticket', turn: 'Message', item: 'Inbox' }
let found = []
let asked = ''
let current = 0

const entries = () => {
  const text = input.value.trim()
  const typed = words(text)
  const key = /^(?:mc-)?(\d+)$/i.exec(text)?.[1]
  if (typed.length === 0)
    return [
      ...recentPages()
        .filter((one) => one.href !== location.pathname)
        .map((one) => ({ kind: 'Recent', ...one })),
      ...pages(),
      ...places,
      ...actions,
    ]
  return [
    ...(key ? [{ kind: 'Go to', text: `MC-${key}`, href: `/tickets/MC-${key}` }] : []),
    ...[...pages(), ...places, ...actions].filter((one) => has(one, typed)),
    ...found,
    {
      kind: 'Search',
      text: `Everything with “${text}”`,
      href: `/search?q=${encodeURIComponent(text)}`,
    },
  ]
}

const span = (name, text) => {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}

const show = () => {
  const shown = entries()
  current = Math.min(current, shown.length - 1)
  list.replaceChildren(
    ...shown.map((entry, at) => {
      const option = document.createElement('li')
      option.id = `palette-${at}`
      option.role = 'option'
      option.ariaSelected = String(at === current)
      const text = span('grow', '')
      if (entry.parts)
        for (const part of entry.parts) {
          const piece = part.isHit ? document.createElement('mark') : span('', '')
          piece.textContent = part.text
          text.append(piece)
        }
      else text.textContent = entry.text
      option.append(span('kind', entry.kind), text)
      if (entry.keys) {
        const keys = document.createElement('kbd')
        keys.textContent = entry.keys
        option.append(keys)
      }
      option.addEventListener('click', (event) => choose(entry, event))
      return option
    }),
  )
  input.setAttribute('aria-activedescendant', `palette-${current}`)
  list.children[current]?.scrollIntoView({ block: 'nearest' })
}

const choose = (entry, event) => {
  if (!entry) return
  if (entry.href && (event.ctrlKey || event.metaKey)) return void window.open(entry.href, '_blank')
  if (entry.href) return location.assign(entry.href)
  dialog.close()
  entry.act()
}

let timer
const search = () => {
  clearTimeout(timer)
  const text = input.value.trim()
  if (text.length < 2) return
  timer = setTimeout(async () => {
    asked = text
    const url = `/api/v1/search?limit=${FOUND_MAX}&q=${encodeURIComponent(text)}`
    const response = await fetch(url).catch(() => null)
    // What was typed meanwhile asks for itself.
    if (!response?.ok || asked !== input.value.trim()) return
    const { items } = await response.json()
    found = items.map((hit) => ({
      kind: hit.kind === 'ticket' ? hit.ref : kinds[hit.kind],
      parts: hit.title,
      href: hit.href,
    }))
    status.textContent = `${items.length} found`
    show()
  }, TYPED_MS)
}

/** The dialog is open, and perhaps something is typed already. */
export const begin = () => {
  found = []
  current = 0
  status.textContent = ''
  status.className = 'hidden'
  show()
  search()
}

input.addEventListener('input', () => {
  current = 0
  // What the text before found is not what this one names.
  found = []
  show()
  search()
})
dialog.addEventListener('keydown', (event) => {
  const shown = entries()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) {
    event.preventDefault()
    current = (current + step + shown.length) % shown.length
    show()
  } else if (event.key === 'Enter' && !event.isComposing) {
    event.preventDefault()
    choose(shown[current], event)
  }
})
// Beside it is out of it.
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close()
})
