// One line for all tabs of a browser:
// 1. Who holds the lock leads: it has the line, and passes on what it hears. When it goes, the next
//    one gets the lock, and asks the server for what came after the last thing it heard.
// 2. Everybody drops what it has heard already (ids count up), so that nothing is told twice.
// 3. A tab that comes, or that finds a new leader, says what it heard last; the leader gives it what
//    it missed, or tells it to look at everything again.
// 4. A tab in sight that hears nothing takes the lock away: a phone may have put the leader to sleep.
import { openStream } from './stream.js'

const NAME = 'mc.events'
/** What a leader can still give to a tab that comes. */
const KEPT = 200
const SILENT_FOR_MS = 40_000
const LOOK_MS = 10_000

const read = (id) => {
  const [epoch, count] = id.split('-')
  return { epoch, count: Number(count) }
}

export const shareStream = ({ url, after, heard, state, ended }) => {
  const me = crypto.randomUUID()
  let kept = []
  let last = after
  /** All that came after this one is in `kept`. */
  let floor = after
  let live = true
  let sign = performance.now()
  let channel
  let line
  let release
  let waiting
  let look

  const post = (message) => channel?.postMessage({ from: me, ...message })

  const isNews = ({ name, id }) => {
    if (name === 'snapshot' || !id) return true
    const [ours, theirs] = [read(last), read(id)]
    return ours.epoch !== theirs.epoch || theirs.count > ours.count
  }
  const take = (event) => {
    sign = performance.now()
    if (event.name === 'beat' || !isNews(event)) return
    if (event.name === 'snapshot') {
      kept = []
      floor = event.id
    } else {
      kept.push(event)
      if (kept.length > KEPT) floor = kept.shift().id
    }
    last = event.id
    heard(event)
  }
  const tellState = (next) => {
    live = next
    sign = performance.now()
    state(next)
  }

  const lead = () => {
    line = openStream(url, last, {
      heard: (event) => {
        post({ kind: 'event', event })
        take(event)
      },
      state: (next) => {
        post({ kind: 'state', live: next })
        tellState(next)
      },
      ended: () => {
        post({ kind: 'ended' })
        ended()
      },
    })
    post({ kind: 'lead' })
  }
  const stopLeading = () => {
    line?.close()
    line = undefined
    release?.()
    release = undefined
  }

  /** What came after `id`; null when that is not known any more. */
  const since = (id) => {
    const [theirs, least] = [read(id), read(floor)]
    if (theirs.epoch !== least.epoch || theirs.count < least.count) return null
    return kept.filter((event) => read(event.id).count > theirs.count)
  }
  const catchUp = (to, id) => {
    const missed = since(id) ?? [{ name: 'snapshot', id: last, data: {} }]
    for (const event of missed) post({ kind: 'event', to, event })
    post({ kind: 'state', to, live })
  }

  const hear = ({ data: message }) => {
    if (message.to && message.to !== me) return
    if (message.kind === 'event') take(message.event)
    if (message.kind === 'state') tellState(message.live)
    if (message.kind === 'ended') ended()
    if (message.kind === 'lead' && !line) post({ kind: 'hello', last })
    if (message.kind === 'hello' && line) catchUp(message.from, message.last)
  }

  const queue = (options) => {
    const hold = () =>
      new Promise((done) => {
        release = done
        lead()
      })
    navigator.locks.request(NAME, options, hold).catch(() => {
      // Taken away, or we left before we got it.
      const gaveUp = options.signal?.aborted
      if (gaveUp) return
      stopLeading()
      if (channel) queue({ signal: waiting.signal })
    })
  }

  return {
    begin() {
      if (channel) return
      channel = new BroadcastChannel(NAME)
      channel.onmessage = hear
      sign = performance.now()
      waiting = new AbortController()
      queue({ signal: waiting.signal })
      post({ kind: 'hello', last })
      look = setInterval(() => {
        const silent = performance.now() - sign > SILENT_FOR_MS
        if (!silent || line || document.hidden) return
        sign = performance.now()
        // Our place in the queue is given up, or it would be granted a second time.
        waiting.abort()
        waiting = new AbortController()
        queue({ steal: true })
      }, LOOK_MS)
    },
    end() {
      clearInterval(look)
      const leaving = channel
      channel = undefined
      waiting?.abort()
      stopLeading()
      leaving?.close()
    },
  }
}
