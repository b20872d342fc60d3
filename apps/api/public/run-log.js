// <pre data-log="<events>" data-log-from="<byte>">: what a run says is added as it comes, to its end.
const log = document.querySelector('[data-log]')
const state = document.querySelector('[data-log-state]')
/** What a reader may scroll back to; more would slow the page down. */
const CHARS_SHOWN = 500_000
const NEAR_END_PX = 40
const HIDDEN_FOR_MS = 30_000

const say = (text) => {
  if (state) state.textContent = text
}

const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX

const add = (text) => {
  const follow = isAtEnd()
  log.append(text)
  while (log.textContent.length > CHARS_SHOWN && log.childNodes.length > 1) log.firstChild.remove()
  if (follow) log.scrollTop = log.scrollHeight
}

if (log) {
  log.scrollTop = log.scrollHeight
  let source
  let ended = false
  let seen = log.dataset.logFrom
  const connect = () => {
    source = new EventSource(`${log.dataset.log}?from=${seen}`)
    source.onopen = () => say('It still runs; what it says appears here as it comes.')
    source.onerror = () => say('The connection was lost; trying again.')
    source.addEventListener('output', (event) => {
      const { text, to } = JSON.parse(event.data)
      seen = to
      add(text)
    })
    source.addEventListener('end', () => {
      ended = true
      disconnect()
      const isFull = Number(seen) > Number(log.dataset.logMax)
      say(
        isFull
          ? 'It has ended. The log is full: load this page again for its last lines.'
          : 'It has ended; this is all it said.',
      )
    })
  }
  const disconnect = () => {
    source?.close()
    source = undefined
  }
  const reconnect = () => {
    if (!source && !ended) connect()
  }
  connect()
  // A page in the back-forward cache must not hold a connection, nor come back without one.
  addEventListener('pagehide', disconnect)
  addEventListener('pageshow', reconnect)
  // A browser gives a site six connections in all: tabs out of sight let go of theirs.
  let resting
  document.addEventListener('visibilitychange', () => {
    clearTimeout(resting)
    if (document.hidden) resting = setTimeout(disconnect, HIDDEN_FOR_MS)
    else reconnect()
  })
}
