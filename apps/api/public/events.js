// One connection to the story of the desk; every behaviour listens on the document:
// mc:turn, mc:text, mc:status, mc:changed, mc:snapshot (look at everything again).
const { events: url, eventsAfter } = document.body.dataset
const names = ['turn', 'text', 'status', 'changed', 'snapshot']
const lost = document.querySelector('[data-connection]')
let last = eventsAfter
let source
let retry
/** Between two tries after the server refused us. */
const REFUSED_FOR_MS = 3_000
const HIDDEN_FOR_MS = 30_000

const connect = () => {
  source = new EventSource(`${url}?after=${encodeURIComponent(last)}`)
  source.onopen = () => {
    if (lost) lost.hidden = true
  }
  source.onerror = () => {
    if (lost) lost.hidden = false
    // The browser tries again by itself unless it was refused.
    if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, REFUSED_FOR_MS)
  }
  for (const name of names)
    source.addEventListener(name, (event) => {
      if (event.lastEventId) last = event.lastEventId
      document.dispatchEvent(new CustomEvent(`mc:${name}`, { detail: JSON.parse(event.data) }))
    })
}

const disconnect = () => {
  clearTimeout(retry)
  source?.close()
  source = undefined
}
const reconnect = () => {
  if (!source && !document.hidden) connect()
}

if (url) {
  connect()
  // A page in the back-forward cache must not hold a connection, nor come back without one.
  addEventListener('pagehide', disconnect)
  addEventListener('pageshow', reconnect)
  // What was fetched in vain meanwhile is fetched again, even if the connection outlived it.
  addEventListener('online', () => document.dispatchEvent(new CustomEvent('mc:snapshot')))
  // A browser gives a site six connections in all: tabs out of sight let go of theirs.
  let resting
  document.addEventListener('visibilitychange', () => {
    clearTimeout(resting)
    if (document.hidden) resting = setTimeout(disconnect, HIDDEN_FOR_MS)
    else reconnect()
  })
}
