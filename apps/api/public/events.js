// One connection to the story of the desk; every behaviour listens on the document:
// mc:turn, mc:text, mc:status, mc:changed, mc:snapshot (look at everything again).
const { events: url, eventsAfter } = document.body.dataset
const names = ['turn', 'text', 'status', 'changed', 'snapshot']
const lost = document.querySelector('[data-connection]')
let last = eventsAfter
let source

const connect = () => {
  source = new EventSource(`${url}?after=${encodeURIComponent(last)}`)
  source.onopen = () => {
    if (lost) lost.hidden = true
  }
  source.onerror = () => {
    if (lost) lost.hidden = false
    // The browser tries again by itself unless it was refused.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000)
  }
  for (const name of names)
    source.addEventListener(name, (event) => {
      if (event.lastEventId) last = event.lastEventId
      document.dispatchEvent(new CustomEvent(`mc:${name}`, { detail: JSON.parse(event.data) }))
    })
}

if (url) {
  connect()
  // A page in the back-forward cache must not hold a connection, nor come back without one.
  addEventListener('pagehide', () => source.close())
  addEventListener('pageshow', (event) => event.persisted && connect())
}
