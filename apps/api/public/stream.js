// One line to the server, kept alive: `heard` gets each event, `state` whether the line lives,
// `ended` that this browser is signed out: then it is not tried again.
const names = ['turn', 'html', 'status', 'changed', 'snapshot', 'beat']

/** Between two tries after the server refused us. */
const REFUSED_FOR_MS = 3_000
/** What answers in a moment, and to nobody who is signed out. */
const CHEAP_PAGE = '/partials/pill'
/** The server says something every 15 s; a line that is silent for so long is dead, whatever it looks like. */
const SILENT_FOR_MS = 40_000
const LOOK_MS = 10_000

export const openStream = (url, after, { heard, state, ended }) => {
  let last = after
  let source
  let retry
  let isClosed = false
  let sign = performance.now()
  const connect = () => {
    clearTimeout(retry)
    sign = performance.now()
    source = new EventSource(`${url}?as=page&after=${encodeURIComponent(last)}`)
    source.onopen = () => {
      sign = performance.now()
      state(true)
    }
    source.onerror = () => {
      state(false)
      // The browser tries again by itself unless it was refused, and does not say why it was.
      if (source.readyState === EventSource.CLOSED) void refused(source)
    }
    for (const name of names)
      source.addEventListener(name, (event) => {
        sign = performance.now()
        if (event.lastEventId) last = event.lastEventId
        const id = name === 'beat' ? '' : event.lastEventId
        heard({ name, id, data: JSON.parse(event.data) })
      })
  }
  const refused = async (line) => {
    const page = await fetch(CHEAP_PAGE, { headers: { accept: 'text/html' } }).catch(() => null)
    // Closed, or tried again meanwhile.
    if (isClosed || line !== source) return
    if (page?.status !== 401) {
      retry = setTimeout(connect, REFUSED_FOR_MS)
      return
    }
    close()
    ended()
  }
  const again = () => {
    source.close()
    state(false)
    connect()
  }
  const look = setInterval(() => performance.now() - sign > SILENT_FOR_MS && again(), LOOK_MS)
  const offline = () => state(false)
  addEventListener('offline', offline)
  // The old line may look alive for minutes.
  addEventListener('online', again)
  const close = () => {
    isClosed = true
    clearTimeout(retry)
    clearInterval(look)
    removeEventListener('offline', offline)
    removeEventListener('online', again)
    source.close()
  }
  connect()
  return { close }
}
