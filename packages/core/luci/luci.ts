import { join } from 'node:path'
import type { Database } from '@mc/db/database.ts'
import type { Bell } from '../bell.ts'
import { type Clock, isoTime, parseTime } from '../clock.ts'
import type { Config, ProfileName } from '../config.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Log } from '../log.ts'
import { createSettings } from '../settings/settings.ts'
import { isOpenTurn, type Turn } from '../turns/turn.ts'
import { createTurns, type NewTurn } from '../turns/turns.ts'
import { createDriver, type Limits, limits } from './driver.ts'
import { refuseForeignMark, takeOwnership } from './ownership.ts'
import { installCommand, paneEnvironment } from './pane-environment.ts'
import { findAgents, profilesOf } from './profiles/profiles.ts'
import { createSession } from './session.ts'
import { tmuxSocketOf } from './socket.ts'
import { type LuciEvent, type LuciStatus, luciState } from './status.ts'
import { createTmux } from './tmux.ts'

export type { LuciEvent, LuciStatus } from './status.ts'

export type LuciDeps = {
  db: Database
  bell: Bell
  clock: Clock
  log: Log
  config: Config['luci']
  dataDir: string
  /** Where the agent's `mc` finds the api. */
  apiUrl: string
  /** For tests: another program in the house responder's place, other limits. */
  houseProgram?: readonly string[]
  limits?: Partial<Limits>
}

export type Harvest = { turn: Turn; text: string; next: number; done: boolean }

/**
 * Luci's session: the one process that types into her pane. `send` queues a turn, the driver
 * delivers it and reads her own record for the reply, `harvest` and `on` give it out. See
 * docs/turn-states.md.
 */
export const createLuci = (deps: LuciDeps) => {
  const { db, bell, clock, log, config, dataDir } = deps
  const turns = createTurns(db, clock)
  const settings = createSettings(db, clock)
  const inbox = createInbox(db, clock)
  const socket = tmuxSocketOf(config.tmuxSocket, dataDir)
  const env = paneEnvironment(process.env, { dataDir, apiUrl: deps.apiUrl })
  const profileOf = profilesOf(config, deps.houseProgram)
  const tmux = createTmux({ socket, configFile: join(dataDir, 'luci', 'tmux.conf'), env })
  const found = findAgents(process.env.PATH ?? '')
  const listeners = new Set<(event: LuciEvent) => void>()
  let queued = 0
  let release: (() => void) | null = null
  let unlisten = () => {}

  const emit = (event: LuciEvent) => {
    for (const listener of [...listeners]) listener(event)
  }

  const driver = createDriver({
    turns,
    clock,
    log,
    limits: { ...limits, ...deps.limits },
    emit,
    deadlineOf: (turn) => verdictDeadline(db, turn),
    changed: () => refresh(),
  })

  const session = createSession({
    tmux,
    profileOf,
    env,
    cwd: config.cwd,
    dataDir,
    log,
    listener: {
      up: driver.attach,
      down: driver.detach,
      output: driver.output,
      changed: () => refresh(),
      healed: async (what, facts) => {
        log.warn({ what, ...facts }, 'Luci was restarted')
        await inbox.post({
          source: 'self_heal',
          sourceId: 'luci',
          kind: 'self_heal',
          fingerprint: `self_heal:luci:${what}`,
          message:
            what === 'agent'
              ? "Luci's program ended by itself and was started again."
              : "Luci's tmux server was gone; a new session was started.",
          detail: { what, ...facts },
        })
      },
    },
  })

  const compute = (since: string): LuciStatus => {
    const driving = driver.now()
    const trouble = session.trouble()
    const up = session.state() === 'up'
    return {
      state: luciState(session.state(), { ...driving, held: driving.held !== null }),
      since,
      profile: session.profile(),
      turnId: driving.turn?.id ?? null,
      queued,
      problem: up ? driving.held : (trouble?.problem ?? null),
      hint: up ? null : (trouble?.hint ?? null),
      tmuxSocket: socket,
      attachCommand: tmux.attachCommand,
      panePid: session.current()?.pid ?? null,
      found,
    }
  }
  let status: LuciStatus | null = null

  /** Tells who listens, when anything of it changed. */
  const refresh = () => {
    const before = status
    let next = compute(before?.since ?? isoTime(clock.now()))
    if (before && before.state !== next.state) next = { ...next, since: isoTime(clock.now()) }
    if (before && JSON.stringify(before) === JSON.stringify(next)) return
    status = next
    if (before) emit({ type: 'status', status: next })
  }
  const now = (): LuciStatus => {
    refresh()
    return status as LuciStatus
  }

  const recount = async () => {
    queued = await turns.countQueued()
    refresh()
  }
  const rung = () => {
    driver.ring()
    // A count that failed is taken again at the next ring.
    recount().catch((error) => log.warn({ err: error }, 'Counting queued turns failed'))
  }

  return {
    /**
     * Takes the session: attaches to it or creates it, goes on with what was in hand, then drives
     * the queue. Throws `conflict` when another process has it; without tmux the status says so.
     */
    async open(): Promise<void> {
      release = takeOwnership(join(dataDir, 'luci', 'owner.lock'))
      try {
        if ((await tmux.version()) !== null && (await tmux.hasSession()))
          refuseForeignMark(await tmux.readMark('owner'), dataDir)
        installCommand(dataDir)
        unlisten = bell.listen(rung)
        await recount()
        driver.start()
        const wanted = await settings.get<string>('luci.wanted')
        const profile = await settings.get<ProfileName>('luci.profile')
        await session.open({
          running: wanted?.value !== 'stopped',
          profile: profile?.value ?? config.profile,
        })
      } catch (error) {
        unlisten()
        release()
        throw error
      }
    },

    /** Lets go of the session, which lives on. */
    async close(): Promise<void> {
      unlisten()
      await session.close()
      await driver.close()
      listeners.clear()
      release?.()
      release = null
    },

    async start(): Promise<LuciStatus> {
      await settings.set('luci.wanted', 'running', 'person')
      await session.start()
      return now()
    },

    /** Ends the tmux session and remembers that she is to stay stopped. */
    async stop(): Promise<LuciStatus> {
      await settings.set('luci.wanted', 'stopped', 'person')
      await session.stop()
      return now()
    },

    /** Another program in her place. Throws `conflict` when she is busy and it is not forced. */
    async switch({
      profile,
      force = false,
    }: {
      profile: ProfileName
      force?: boolean
    }): Promise<LuciStatus> {
      profileOf(profile)
      const { turn } = driver.now()
      if (turn && !force)
        throw new AppError('conflict', `Luci is busy with turn ${turn.id}`, {
          hint: 'Wait until she is done, or force it: that turn is interrupted then.',
        })
      await settings.set('luci.profile', profile, 'person')
      await settings.set('luci.wanted', 'running', 'person')
      await session.use(profile)
      return now()
    },

    /** Null when no turn is in hand, or another one than asked for. */
    async interrupt(turnId?: string): Promise<Turn | null> {
      const asked = await driver.interrupt(turnId)
      if (!asked) return null
      await ended(asked.id, INTERRUPT_SHOWN_WITHIN_MS)
      return turns.get(asked.id)
    },

    /** Throws `conflict` when she asks nothing, or something else by now. */
    async answer(a: { turnId: string; promptId: string; choice: string }): Promise<Turn> {
      const turn = await turns.get(a.turnId)
      if (turn.state !== 'blocked' || turn.prompt?.id !== a.promptId)
        throw new AppError('conflict', 'She no longer asks this', {
          hint: 'Look at what she asks now, and answer that.',
        })
      if (!turn.prompt.choices.some((choice) => choice.id === a.choice))
        throw new AppError('invalid', `"${a.choice}" is none of the choices`)
      // The programs of this version ask nothing that keys could answer; they can be stopped.
      await driver.interrupt(turn.id)
      await ended(turn.id, INTERRUPT_SHOWN_WITHIN_MS)
      return turns.get(turn.id)
    },

    /** Queues a message. Throws `invalid` when her program cannot take it. */
    async send(turn: NewTurn): Promise<Turn> {
      // A profile that cannot be driven now takes nothing, but what is queued waits for the next.
      const profile = profileOf(session.profile())
      profile.compose(
        { id: '000000', origin: turn.origin, text: turn.text },
        driver.now().bracketed,
      )
      const sent = await turns.queue(turn)
      driver.ring()
      await recount()
      return sent
    },

    /** The reply from character `after` on; each call costs what is new. */
    async harvest(turnId: string, after = 0): Promise<Harvest> {
      const turn = await turns.get(turnId)
      const done = !isOpenTurn(turn.state)
      const reply = done ? turn.reply : (driver.replyOf(turnId) ?? turn.reply)
      const text = reply.slice(after)
      return { turn: { ...turn, reply }, text, next: Math.max(after, reply.length), done }
    },

    status: now,

    on(listener: (event: LuciEvent) => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }

  /** Until the turn ends or the time is over; its evidence may take longer. */
  function ended(turnId: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        listeners.delete(listen)
        resolve()
      }
      const timer = setTimeout(finish, withinMs)
      const listen = (event: LuciEvent) => {
        if (event.type === 'turn' && event.turn.id === turnId && !isOpenTurn(event.turn.state))
          finish()
      }
      listeners.add(listen)
      if (driver.now().turn?.id !== turnId) finish()
    })
  }
}
export type Luci = ReturnType<typeof createLuci>

const INTERRUPT_SHOWN_WITHIN_MS = 3_000

const verdictDeadline = async (db: Database, turn: Turn): Promise<Date | null> => {
  if (!turn.digestId) return null
  const row = await db.kysely
    .selectFrom('digests')
    .select('verdict_deadline')
    .where('id', '=', turn.digestId)
    .executeTakeFirst()
  return parseTime(row?.verdict_deadline ?? null)
}
