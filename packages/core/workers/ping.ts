import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { type DeskLook, unclear } from './clear.ts'
import type { WatchSettings } from './settings.ts'
import { STALE_AFTER_MS } from './workers.ts'

export type PingDeps = {
  clock: Clock
  log: Log
  watch: WatchSettings
  look: () => Promise<DeskLook>
  fetch?: typeof globalThis.fetch
}

/** Whoever watches answers within moments; the next ping must not wait for this one. */
const TIMEOUT_MS = 10_000
/** After a start the others need a moment to beat: no /fail for what is about to be well. */
const GRACE_MS = 2 * STALE_AFTER_MS
/** What is wrong, in the body of a /fail: watchers show the first of it. */
const BODY_CHARS_MAX = 1_000

/**
 * Tells somebody outside, every interval until the signal aborts, that all is well: GET `<url>`.
 * At the start `<url>/start`; when something does not work, once per change, POST `<url>/fail`
 * with what it is, and silence until it works again. So a watcher (healthchecks.io, Uptime Kuma,
 * a file on a web server) hears of trouble at once, and of a machine that is gone by the silence.
 */
export const runPings = async (deps: PingDeps, signal: AbortSignal): Promise<void> => {
  const { clock, watch } = deps
  if (watch.pingUrl === null) return
  const pinger = createPinger(deps)
  await pinger.start(signal)
  while (!signal.aborted) {
    await clock.sleep(watch.pingEveryMs, signal)
    if (!signal.aborted) await pinger.pingOnce(signal)
  }
}

/** The steps; tests call them. Neither ever throws. */
export const createPinger = ({ clock, log, watch, look, fetch = globalThis.fetch }: PingDeps) => {
  const quietUntilMs = clock.now().getTime() + GRACE_MS
  let toldFault: string | null = null
  let reached: boolean | null = null

  const tell = async (suffix: '' | '/start' | '/fail', body: string | null, stop: AbortSignal) => {
    const { url, method } = { url: `${watch.pingUrl}${suffix}`, method: body ? 'POST' : 'GET' }
    try {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)])
      const answer = await fetch(url, { method, body, signal, redirect: 'error' })
      await answer.body?.cancel()
      noteReached(answer.ok, `status ${answer.status}`)
      return answer.ok
    } catch (error) {
      // A watcher that is away must not stop the desk. The error's own text may name the URL.
      noteReached(false, error instanceof Error ? error.name : 'no answer')
      return false
    }
  }

  /** One line per change: the address is a secret and stands in none. */
  const noteReached = (now: boolean, reason: string): void => {
    if (now === reached) return
    if (now) log.info({}, 'The ping is heard')
    else log.warn({ reason }, 'The ping is not heard')
    reached = now
  }

  return {
    start: (signal: AbortSignal) => tell('/start', null, signal),

    /** What it sent. `silent`: the same fault was told before, or the desk has just started. */
    async pingOnce(signal: AbortSignal): Promise<'ok' | 'fail' | 'silent'> {
      const faults = unclear(await look()).filter(({ kind }) => kind === 'fault')
      if (faults.length === 0) {
        toldFault = null
        await tell('', null, signal)
        return 'ok'
      }
      const which = faults.map(({ check }) => check).join()
      if (which === toldFault || clock.now().getTime() < quietUntilMs) return 'silent'
      const words = faults.map(({ words }) => words).join('\n')
      if (await tell('/fail', words.slice(0, BODY_CHARS_MAX), signal)) toldFault = which
      return 'fail'
    },
  }
}
