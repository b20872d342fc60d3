// What happens at the desk; every behaviour listens on the document: mc:turn, mc:html, mc:status,
// mc:changed, mc:snapshot (look at everything again), mc:connection (whether the line lives),
// mc:signed-out (nothing more is heard).
// All tabs of a browser share one line where the browser can elect a tab to hold it.
import './connection.js'
import { shareStream } from './shared-stream.js'
import { openStream } from './stream.js'

const { events: url, eventsAfter: after } = document.body.dataset
const HIDDEN_FOR_MS = 30_000

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`mc:${name}`, { detail }))
const heard = ({ name, data }) => tell(name, data)
const state = (live) => tell('connection', { live })
/** By now no tab of this browser may ask for anything. */
const ended = () => {
  stream.end()
  tell('signed-out', {})
}
let stream

/** Without locks (an address that is no secure context) each tab has its own, while it is seen. */
const ownStream = () => {
  let last = after
  let source
  const begin = () => {
    source ??= openStream(url, last, {
      state,
      ended,
      heard: (event) => {
        if (event.id) last = event.id
        heard(event)
      },
    })
  }
  const end = () => {
    source?.close()
    source = undefined
  }
  // A browser gives a site six connections in all: tabs out of sight let go of theirs.
  let resting
  document.addEventListener('visibilitychange', () => {
    clearTimeout(resting)
    if (document.hidden) resting = setTimeout(end, HIDDEN_FOR_MS)
    else begin()
  })
  return { begin, end }
}

if (url) {
  const canShare = 'locks' in navigator && 'BroadcastChannel' in window
  stream = canShare ? shareStream({ url, after, heard, state, ended }) : ownStream()
  stream.begin()
  // A page in the back-forward cache must not hold the line, nor come back without one.
  addEventListener('pagehide', stream.end)
  addEventListener('pageshow', ({ persisted }) => persisted && stream.begin())
  // What was fetched in vain meanwhile is fetched again, even if the line outlived it.
  addEventListener('online', () => tell('snapshot', {}))
}
