// Where somebody was: tickets, runs and what else is one of many.
const RECENT = 'mc.recent'
const RECENT_MAX = 6

export const recentPages = () => {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? '[]')
  } catch {
    return []
  }
}

export const rememberPage = () => {
  const { pathname } = location
  if (pathname.split('/').length < 3 || document.body.classList.contains('alone')) return
  const here = { href: pathname, text: document.title.replace(/ · Mission Control$/, '') }
  try {
    const others = recentPages().filter((one) => one.href !== pathname)
    localStorage.setItem(RECENT, JSON.stringify([here, ...others].slice(0, RECENT_MAX)))
  } catch {
    // Storage is full or forbidden: then nothing is recent.
  }
}
