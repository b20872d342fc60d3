import { type FSWatcher, watch } from 'node:fs'
import type { Database } from '@mc/db/database.ts'
import type pg from 'pg'
import type { Clock } from './clock.ts'

/**
 * "Something in the database changed", whoever changed it: this process, another, or sqlite3 by
 * hand. A ring carries no news; who hears it looks. A missed ring costs latency, never work, so
 * every listener also looks at its own slow pace.
 */
export type Bell = {
  /** Calls `listener` after changes, many changes as one call. Returns what stops it. */
  listen(listener: () => void): () => void
  /** Resolves at the next ring, after `timeoutMs`, or when the signal aborts. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Changes of one burst make one ring. */
const BURST_MS = 5
/** Between two looks at data_version where the watch brought nothing. */
const LOOK_MS = 1_000
const RECONNECT_MS = 1_000

export const openBell = async (db: Database, clock: Clock): Promise<Bell> => {
  const listeners = new Set<() => void>()
  let burst: NodeJS.Timeout | undefined
  const ring = () => {
    burst ??= setTimeout(() => {
      burst = undefined
      for (const listener of [...listeners]) listener()
    }, BURST_MS)
  }
  const stop = db.dialect === 'sqlite' ? watchSqlite(db, ring) : await listenPostgres(db.url, ring)
  const listen = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    listen,
    wait: async (timeoutMs, signal) => {
      const done = new AbortController()
      const finish = () => done.abort()
      const unlisten = listen(finish)
      signal?.addEventListener('abort', finish, { once: true })
      if (signal?.aborted) finish()
      await clock.sleep(timeoutMs, done.signal)
      signal?.removeEventListener('abort', finish)
      unlisten()
    },
    close: async () => {
      clearTimeout(burst)
      listeners.clear()
      await stop()
    },
  }
}

/**
 * The write-ahead log is appended to by every commit of every process; the kernel tells us.
 * `data_version` (it costs microseconds) catches what a file system without events would miss.
 */
const watchSqlite = (db: Database & { dialect: 'sqlite' }, ring: () => void) => {
  let watcher: FSWatcher | undefined
  const start = () => {
    try {
      watcher = watch(`${db.path}-wal`, ring)
      watcher.on('error', () => {
        watcher?.close()
        watcher = undefined
      })
    } catch (error) {
      // In memory, or not written to yet: the slow look below tries again.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  const version = db.statement<{ data_version: number }>('bell.data_version', () => ({
    compile: () => ({ sql: 'pragma data_version', parameters: [] }) as never,
  }))
  let last = -1
  let closed = false
  const look = async () => {
    if (closed) return
    if (!watcher) start()
    const now = (await version.all({}))[0]?.data_version ?? last
    if (last !== -1 && now !== last) ring()
    last = now
  }
  start()
  const lookAgain = () => void look().catch(() => {})
  // The first at once: the log may be seen to grow before what was written can be read, and only
  // a change of the version tells of it then.
  lookAgain()
  const timer = setInterval(lookAgain, LOOK_MS)
  return async () => {
    closed = true
    clearInterval(timer)
    watcher?.close()
  }
}

/** LISTEN on a connection of its own; after a broken one it rings, because it may have missed some. */
const listenPostgres = async (url: string, ring: () => void) => {
  const { Client } = (await import('pg')).default
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false
  const connect = async () => {
    const next = new Client({ connectionString: url, application_name: 'mission-control-bell' })
    next.on('notification', ring)
    next.on('error', () => {})
    next.on('end', () => {
      if (closed) return
      retry = setTimeout(() => void connect().then(ring, () => next.emit('end')), RECONNECT_MS)
    })
    client = next
    await next.connect()
    await next.query('listen mission_control')
  }
  await connect()
  return async () => {
    closed = true
    clearTimeout(retry)
    await client?.end()
  }
}
