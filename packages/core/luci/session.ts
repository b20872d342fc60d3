import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, ProfileName } from '../config.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { dropOldRecords, type Incarnation, newRecord, programOf, signature } from './incarnation.ts'
import { refuseForeignMark, writeMark } from './ownership.ts'
import type { Profile } from './profiles/profile.ts'
import { type ProfileOf, requireProgram } from './profiles/profiles.ts'
import { removeDeadSocket } from './socket.ts'
import { keptFor, sessionFiles } from './start-files.ts'
import type { SessionState, Trouble } from './status.ts'
import { createStreak } from './streak.ts'
import type { Pane, Program, Tmux } from './tmux.ts'
import type { Trace } from './trace.ts'
import { createWake } from './wake.ts'

export type SessionListener = {
  /** A program runs and is attached. `fresh`: it was started just now. */
  up(incarnation: Incarnation, fresh: boolean): Promise<void>
  /** The pane wrote something. */
  output(text: string, byteCount: number): void
  /** No program is attached any more, and why. */
  down(why: Ending): Promise<void>
  changed(): void
  /** A program was started again because the last one, or all of tmux, had died unasked. */
  healed(what: 'agent' | 'tmux', facts: object): Promise<void>
}

/**
 * `detached` and `closed` leave the program alive; `stopped` and `switched` were asked for;
 * `died` is the program's own end, `gone` that of all of tmux.
 */
export type Ending = 'detached' | 'closed' | 'stopped' | 'switched' | 'died' | 'gone'

/** A connection that broke sooner is not made again at once. */
const HASTY_MS = 2_000

/**
 * The process plane: brings the session to what is wanted and keeps it there. One loop does it
 * all, so that a start, a death and a switch never cross.
 */
export const createSession = (deps: {
  tmux: Tmux
  profileOf: ProfileOf
  env: Record<string, string>
  /** Ours, of which a profile names what its program needs. */
  ownEnv: Environment
  cwd: string
  dataDir: string
  apiUrl: string
  /** What its program was last talking about, by its own name for it; null begins anew. */
  conversationOf(profile: ProfileName): Promise<string | null>
  trace: Trace
  log: Log
  listener: SessionListener
}) => {
  const { tmux, log, listener, dataDir, trace } = deps
  const folder = join(dataDir, 'luci')
  const wake = createWake()
  const want = {
    running: false,
    profile: 'house' as ProfileName,
    closing: false,
    anew: false,
    turned: 0,
  }
  let state: SessionState = 'stopped'
  let trouble: Trouble | null = null
  let current: Incarnation | null = null
  /** The record of the program that was started last. */
  let newest = ''
  const streak = createStreak()
  const waiters: (() => void)[] = []
  let loop: Promise<void> = Promise.resolve()

  const enter = (next: SessionState, why: Trouble | null = null) => {
    state = next
    trouble = why
    listener.changed()
    if (next !== 'starting') for (const settled of waiters.splice(0)) settled()
  }

  /** Until the loop has done what was last asked for, as far as it could. */
  const settled = () => new Promise<void>((resolve) => waiters.push(resolve))

  const supervise = async () => {
    while (!want.closing) {
      const turned = want.turned
      try {
        if (!want.running) {
          await end()
          enter('stopped')
          while (turned === want.turned && !want.closing) await wake.wait(Number.POSITIVE_INFINITY)
          continue
        }
        if ((await live(turned)) === 'troubled') await pause(turned)
      } catch (error) {
        report(error as Error)
        await pause(turned)
      }
    }
  }

  /** Attaches or creates, then waits for whatever ends that. */
  const live = async (turned: number): Promise<'well' | 'troubled'> => {
    const profile = deps.profileOf(want.profile)
    if ((await tmux.version()) === null)
      throw new AppError('unavailable', 'tmux is not installed, so Luci has no session', {
        hint: 'Install it (Debian: apt-get install tmux, macOS: brew install tmux), then start Luci.',
      })
    enter('starting')
    const startedAt = performance.now()
    const seen: { ending: 'died' | 'detached' | null } = { ending: null }
    const over = (why: 'died' | 'detached') => {
      seen.ending ??= why
      wake.ring()
    }
    const had = await tmux.hasSession()
    if (!had) await begin(profile)
    const pane = await tmux.attach({ output: listener.output, dead: () => over('died') })
    void pane.gone.then(() => over('detached'))
    try {
      current = await adopt(pane, profile, !had)
      enter('up')
      while (!seen.ending && turned === want.turned && !want.closing)
        await wake.wait(Number.POSITIVE_INFINITY)
      const livedMs = performance.now() - startedAt
      streak.lived(livedMs)
      if (!seen.ending) {
        await detach(want.closing ? 'closed' : 'detached')
        return 'well'
      }
      log.warn({ ending: seen.ending, pid: current.pid }, 'Luci session interrupted')
      if (seen.ending === 'died') streak.ended()
      enter('offline', seen.ending === 'died' ? streak.trouble(tmux.attachCommand) : broken)
      // When it was all of tmux that went, the next round finds out.
      await detach(seen.ending)
      return seen.ending === 'died' || livedMs < HASTY_MS ? 'troubled' : 'well'
    } finally {
      await pane.close()
    }
  }

  /** A session where there was none. If a program of ours was lost with the last one, say so. */
  const begin = async (profile: Profile) => {
    const lost = trace.read()
    await listener.down('gone')
    await tmux.createSession(await nextProgram(profile))
    dropOldRecords(folder, newest)
    if (lost !== null && streak.isNews('tmux')) await listener.healed('tmux', { pid: lost })
    trace.forget()
  }

  /** The program in the pane, if it is alive and the one wanted; otherwise a new one. */
  const adopt = async (pane: Pane, profile: Profile, created: boolean): Promise<Incarnation> => {
    refuseForeignMark(await tmux.readMark('owner'), dataDir)
    await pane.mark('owner', writeMark({ pid: process.pid, dataDir }))
    const look = await pane.look()
    const wanted = signature(profile)
    const marked = created ? wanted : await tmux.readMark('program')
    const recordName = created ? newest : await tmux.readMark('record')
    const good = marked === wanted && recordName !== null && !look.dead && !want.anew
    want.anew = false
    if (good && (profile.record === 'file' || look.piped)) {
      await pane.mark('program', wanted)
      await pane.mark('record', recordName)
      return attachTo(pane, profile, look.pid, recordName, created)
    }
    const died = look.dead && marked === wanted
    const program = await nextProgram(profile)
    await listener.down(died ? 'died' : 'switched')
    await tmux.respawn(pane.id, program)
    dropOldRecords(folder, newest)
    await pane.mark('program', wanted)
    await pane.mark('record', newest)
    const { pid } = await pane.look()
    if (died && streak.isNews('agent')) await listener.healed('agent', { pid: look.pid })
    return attachTo(pane, profile, pid, newest, true)
  }

  const attachTo = async (
    pane: Pane,
    profile: Profile,
    pid: number,
    recordName: string,
    fresh: boolean,
  ) => {
    trace.leave(pid)
    const incarnation = { profile, pane, pid, recordName, record: join(folder, recordName) }
    log.info({ profile: profile.name, pid, fresh }, 'Luci session attached')
    await listener.up(incarnation, fresh)
    return incarnation
  }

  /** A new start, with a record of its own; what cannot be started is not tried. */
  const nextProgram = async (profile: Profile): Promise<Program> => {
    const { cwd, apiUrl } = deps
    mkdirSync(cwd, { recursive: true })
    requireProgram(profile, { path: deps.env.PATH ?? '', cwd })
    newest = newRecord(folder, profile)
    // One that ends again and again at once may be unable to go on with it.
    const conversation = streak.isHopeless() ? null : await deps.conversationOf(profile.name)
    const record = join(folder, newest)
    const kept = keptFor(profile, deps.ownEnv)
    const env = { ...kept, ...deps.env }
    const files = sessionFiles({ dataDir, cwd, env, record, apiUrl, conversation })
    return programOf(profile, { env: deps.env, kept }, files)
  }

  const end = async () => {
    await detach('stopped')
    if ((await tmux.version()) !== null && (await tmux.hasSession())) await tmux.kill()
    await removeDeadSocket(tmux.socketPath)
    trace.forget()
  }

  const detach = async (why: Ending) => {
    const pane = current?.pane
    current = null
    await listener.down(why)
    await pane?.close()
  }

  const report = (error: Error) => {
    const known = error instanceof AppError
    if (!known) log.error({ err: error }, 'Luci session failed')
    enter(known && error.code === 'unavailable' ? 'unavailable' : 'offline', {
      problem: error.message,
      hint: known ? (error.hint ?? null) : 'It is tried again; the log has the details.',
    })
  }

  const pause = async (turned: number) => {
    const end = performance.now() + streak.failed()
    while (turned === want.turned && !want.closing && performance.now() < end)
      await wake.wait(end - performance.now())
  }

  const ask = async (change: () => void) => {
    change()
    want.turned += 1
    streak.over()
    const done = settled()
    wake.ring()
    await done
  }

  return {
    state: () => state,
    trouble: () => trouble,
    current: () => current,
    profile: () => want.profile,

    /** Begins to keep the session as wanted. Resolves when the first attempt is through. */
    async open(wanted: { running: boolean; profile: ProfileName }): Promise<void> {
      Object.assign(want, wanted)
      const done = settled()
      loop = supervise()
      await done
    },
    /** Also tries again at once what waits out its back-off. */
    start: async (): Promise<void> => {
      if (state !== 'up') await ask(() => Object.assign(want, { running: true }))
    },
    stop: () => ask(() => Object.assign(want, { running: false })),
    /** `anew`: started again also when it runs already. */
    use: (profile: ProfileName, { anew = false } = {}) =>
      ask(() => Object.assign(want, { profile, running: true, anew })),

    /** Lets go; the tmux session lives on. */
    async close(): Promise<void> {
      want.closing = true
      wake.ring()
      await loop
    },
  }
}
export type Session = ReturnType<typeof createSession>

const broken: Trouble = {
  problem: 'The connection to tmux broke; it is being made again',
  hint: null,
}
