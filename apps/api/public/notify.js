// What newly needs the person is told by the browser, once they have agreed to it (in Settings) and
// while no page of ours is before their eyes. Of several tabs one tells: they take turns, and each
// knows what was told before.
const ON = 'mc.notify'
const TOLD = 'mc.notify-told'
const button = document.querySelector('[data-notify]')
const words = document.querySelector('[data-notify-state]')
/** A burst of changes is looked at once. */
const TOGETHER_MS = 1_500
/** What one tab keeps is known to all within this time. */
const KNOWN_MS = 300
/** All tabs in sight hold this lock together. */
const IN_SIGHT = 'mc.in-sight'

const recall = (key) => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
const keep = (key, value) => {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Storage is forbidden: then it is not told.
  }
}
const can = 'Notification' in window
const isOn = () => can && Notification.permission === 'granted' && recall(ON) === '1'

const needs = async () => {
  const response = await fetch('/partials/needs', { headers: { accept: 'application/json' } })
  return response.ok ? (await response.json()).needs : []
}

let letGo
const hold = () => {
  letGo?.()
  letGo = undefined
  if (document.hidden) return
  void navigator.locks?.request(IN_SIGHT, { mode: 'shared' }, () => {
    letGo?.()
    return document.hidden
      ? undefined
      : new Promise((resolve) => {
          letGo = resolve
        })
  })
}
document.addEventListener('visibilitychange', hold)
hold()

const isInSight = async () => {
  if (!document.hidden) return true
  const locks = await navigator.locks?.query()
  return locks?.held.some(({ name }) => name === IN_SIGHT) ?? false
}

const tell = async () => {
  const now = await needs().catch(() => null)
  if (!now) return
  const told = new Set(JSON.parse(recall(TOLD) ?? '[]'))
  keep(TOLD, JSON.stringify(now.map((one) => one.id)))
  if (await isInSight()) return
  for (const one of now) {
    if (told.has(one.id)) continue
    const note = new Notification(one.title, {
      body: one.detail,
      tag: one.id,
      icon: '/public/icon-192.png',
    })
    note.addEventListener('click', () => {
      window.focus()
      location.assign(one.href)
      note.close()
    })
  }
}

let timer
const soon = () => {
  if (!isOn() || timer) return
  timer = setTimeout(() => {
    timer = undefined
    const once = async () => {
      await tell()
      await new Promise((resolve) => setTimeout(resolve, KNOWN_MS))
    }
    if (navigator.locks) void navigator.locks.request('mc.notify', once)
    else void tell()
  }, TOGETHER_MS)
}
const kinds = ['alerts', 'turns', 'questions', 'proposals', 'tickets', 'settings']
document.addEventListener('mc:changed', ({ detail }) => {
  if (detail.tables.some((one) => kinds.includes(one))) soon()
})
document.addEventListener('mc:status', soon)
document.addEventListener('mc:snapshot', soon)

const show = () => {
  if (!button) return
  button.hidden = !can
  const denied = can && Notification.permission === 'denied'
  button.disabled = denied
  button.textContent = isOn() ? 'Tell me no more' : 'Tell me when something needs me'
  words.textContent = !can
    ? 'This browser has no notifications.'
    : denied
      ? 'This browser was told to let us send none; its own settings change that.'
      : isOn()
        ? 'On in this browser, while a tab of Mission Control is open somewhere behind.'
        : 'Off in this browser.'
}
button?.addEventListener('click', async () => {
  if (isOn()) keep(ON, null)
  else if ((await Notification.requestPermission()) === 'granted') {
    keep(ON, '1')
    // What is known already is not told anew.
    keep(TOLD, JSON.stringify((await needs().catch(() => [])).map((one) => one.id)))
  }
  show()
})
show()
