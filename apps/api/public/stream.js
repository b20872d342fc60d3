// One line to the server, kept alive: `heard` gets each event, `state` whether the line lives.
const names = ['turn', 'html', 'status', 'changed', 'snapshot', 'beat']

/** Between two tries after the server refused us. */
const REFUSED_FOR_MS = 3_000
/** The server says something every 15 s; a line that is silent for so long is dead, whatever it looks like. */
const SILENT_FOR_MS = 40_000
const LOOK_MS = 10_000

export const openStream = (url, after, { heard, state }) => {
  let last = after
  let source
  let retry
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
      // The browser tries again by itself unless it was refused.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, REFUSED_FOR_MS)
    }
    for (const name of names)
      source.addEventListener(name, (event) => {
        sign = performance.now()
        if (event.lastEventId) last = event.lastEventId
        const id = name === 'beat' ? '' : event.lastEventId
        heard({ name, id, data: JSON.parse(event.data) })
      })
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
  connect()
  return {
    close: () => {
      clearTimeout(retry)
      clearInterval(look)
      removeEventListener('offline', offline)
      removeEventListener('online', again)
      source.close()
    },
  }
}
