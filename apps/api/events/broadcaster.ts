import type { Bell } from '@mc/core/bell.ts'
import { randomHex } from '@mc/core/ids.ts'
import type { Log } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { LiveReplies } from '../composer/live-reply.ts'
import { frameOf } from './frame-of.ts'
import { tellReplies } from './tell-replies.ts'
import type { WatchTables } from './watch-tables.ts'

export type Frame = { id: string; event: string; text: string }
type Send = (text: string) => void

/**
 * program: words of a reply as they come (`text`). page: the same as HTML (`html`), and a `beat` by
 * which a page knows that the line still lives.
 */
export type ListenerKind = 'program' | 'page'
const notFor: Record<ListenerKind, string> = { program: 'html', page: 'text' }

/** What a returning client may have missed and still gets one by one: less than a listener may be behind. */
const KEPT_FRAMES = 2_000
const KEPT_CHARACTERS = 400_000
/** Between two looks at the tables, however often the bell rings. */
const LOOK_EVERY_MS = 100
/** After a page was rendered its client is about to listen. */
const EXPECT_LISTENER_MS = 30_000
const HEARTBEAT_MS = 15_000

/**
 * One story for all listeners, told as it happens:
 * 1. Luci's events are numbered `<epoch>-<n>` and kept, also while nobody listens.
 * 2. When the bell rings and somebody listens (or a page was just rendered, so that somebody is
 *    about to), the tables are looked at once for all, and those that changed are told.
 * 3. Who comes with the last id it saw gets what came after; with an id of another epoch, or one
 *    that is no longer kept, it gets `snapshot`: look at everything again.
 */
export const createBroadcaster = (deps: {
  luci: Luci
  bell: Bell
  log: Log
  watch: WatchTables
  live: LiveReplies
}) => {
  const epoch = randomHex(4)
  const listeners = new Map<Send, ListenerKind>()
  const frames: Frame[] = []
  let characters = 0
  let count = 0
  let expectUntil = 0
  let looking: Promise<void> | undefined
  let again = false
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const lastId = () => `${epoch}-${count}`

  const tell = (event: string, data: unknown) => {
    count++
    const text = `id: ${lastId()}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    frames.push({ id: lastId(), event, text })
    characters += text.length
    while (frames.length > KEPT_FRAMES || (characters > KEPT_CHARACTERS && frames.length > 1))
      characters -= frames.shift()?.text.length ?? 0
    for (const [send, kind] of [...listeners]) if (notFor[kind] !== event) send(text)
  }

  const replies = tellReplies({
    ...deps,
    tell: (turnId, pieces) => tell('html', { turnId, pieces }),
  })

  const look = async () => {
    const tables = await deps.watch.changed()
    if (tables.length > 0 && !closed) tell('changed', { tables })
  }

  /** One look at a time; what rings during it is looked at after. */
  const lookSoon = () => {
    if (closed || (listeners.size === 0 && performance.now() > expectUntil)) return
    if (looking || timer) {
      again = true
      return
    }
    looking = look()
      .catch((err) => deps.log.warn({ err }, 'the tables could not be looked at'))
      .finally(() => {
        looking = undefined
        timer = setTimeout(() => {
          timer = undefined
          if (!again) return
          again = false
          lookSoon()
        }, LOOK_EVERY_MS)
        timer.unref()
      })
  }

  const unlisten = [
    deps.luci.on((event) => {
      const frame = frameOf(event)
      tell(frame.event, frame.data)
      replies.heard(event)
    }),
    deps.bell.listen(lookSoon),
  ]
  const heartbeat = setInterval(() => {
    for (const [send, kind] of [...listeners])
      send(kind === 'page' ? 'event: beat\ndata: {}\n\n' : ': still here\n\n')
  }, HEARTBEAT_MS)
  heartbeat.unref()

  const since = (id: string): Frame[] | null => {
    const [theirs, number] = id.split('-')
    if (theirs !== epoch || !/^\d+$/.test(number ?? '')) return null
    const seen = Number(number)
    if (seen > count || seen < count - frames.length) return null
    return frames.slice(frames.length - (count - seen))
  }

  return {
    /** The id that a page rendered from here on should listen after. */
    async mark(): Promise<string> {
      const awake = listeners.size > 0 || performance.now() < expectUntil
      expectUntil = performance.now() + EXPECT_LISTENER_MS
      if (!awake) await deps.watch.changed()
      return lastId()
    },

    /** Replays what came after `id` (null: from now on), then tells what comes. Returns what stops it. */
    subscribe(id: string | null, send: Send, kind: ListenerKind = 'program'): () => void {
      const missed = id === null ? [] : since(id)
      if (missed === null) send(`id: ${lastId()}\nevent: snapshot\ndata: {}\n\n`)
      else for (const { event, text } of missed) if (notFor[kind] !== event) send(text)
      listeners.set(send, kind)
      lookSoon()
      return () => void listeners.delete(send)
    },

    listenerCount: () => listeners.size,

    close() {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(timer)
      for (const stop of unlisten) stop()
      replies.close()
      listeners.clear()
    },
  }
}

export type Broadcaster = ReturnType<typeof createBroadcaster>
