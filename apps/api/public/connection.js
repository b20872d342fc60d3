// [data-connection]: said while the line to the server is lost, with the age of what is shown, and
// where to go once this browser is signed out.
const bar = document.querySelector('[data-connection]')
/** A line that is back at once is not worth a word. */
const PATIENCE_MS = 1_500
const LOOK_MS = 5_000

let lostAt
let timer
let isSignedOut = false

const age = (ms) => {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'less than a minute ago'
  return minutes < 90 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`
}

const show = () => {
  const text = `Reconnecting… what you see is from ${age(Date.now() - lostAt)}.`
  if (bar.textContent !== text) bar.textContent = text
  bar.hidden = false
  timer = setTimeout(show, LOOK_MS)
}

const lost = () => {
  if (lostAt !== undefined) return
  lostAt = Date.now()
  timer = setTimeout(show, PATIENCE_MS)
}

const found = () => {
  clearTimeout(timer)
  lostAt = undefined
  bar.hidden = true
  bar.textContent = ''
}

const signedOut = () => {
  clearTimeout(timer)
  isSignedOut = true
  const link = document.createElement('a')
  // This very page asks who comes, and leads back here.
  link.href = location.pathname + location.search
  link.textContent = 'Sign in'
  bar.replaceChildren('You are signed out. ', link)
  bar.hidden = false
}

if (bar) {
  document.addEventListener('mc:signed-out', signedOut)
  document.addEventListener('mc:connection', ({ detail }) => {
    if (!isSignedOut) (detail.live ? found : lost)()
  })
}
