// [data-connection]: said while the line to the server is lost, with the age of what is shown.
const bar = document.querySelector('[data-connection]')
/** A line that is back at once is not worth a word. */
const PATIENCE_MS = 1_500
const LOOK_MS = 5_000

let lostAt
let timer

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

if (bar) {
  document.addEventListener('mc:connection', ({ detail }) => (detail.live ? found() : lost()))
}
