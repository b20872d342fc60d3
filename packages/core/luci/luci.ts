import { join } from 'node:path'
import type { Database } from '@mc/db/database.ts'
import type { Bell } from '../bell.ts'
import { type Clock, parseTime } from '../clock.ts'
import type { Config, Environment, ProfileName } from '../config.ts'
import { type PriceList, priced } from '../costs/prices.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Log } from '../log.ts'
import { createSettings } from '../settings/settings.ts'
import { isOpenTurn, type Turn } from '../turns/turn.ts'
import { createTurns, type NewTurn } from '../turns/turns.ts'
import { createDriver } from './driver.ts'
import { type Limits, limits } from './limits.ts'
import { refuseForeignMark, takeOwnership } from './ownership.ts'
import { installCommand, paneEnvironment } from './pane-environment.ts'
import { STOP } from './profiles/profile.ts'
import { findAgents, profilesOf, requireProgram } from './profiles/profiles.ts'
import { selfHealItem } from './self-heal.ts'
import { createSession } from './session.ts'
import { tmuxSocketOf } from './socket.ts'
import { type LuciEvent, type LuciStatus, luciState, watchStatus } from './status.ts'
import { createTmux } from './tmux.ts'
import { createTrace } from './trace.ts'

export type { LuciEvent, LuciStatus } from './status.ts'

export type LuciDeps = {
  db: Database
  bell: Bell
  clock: Clock
  log: Log
  config: Config['luci']
  dataDir: string
  /** What models cost whose programs tell no price. */
  prices?: PriceList
  /** Where the agent's `mc` finds the api. */
  apiUrl: string
  /** Ours; of it the pane gets an allow-listed part, and its PATH is where programs are looked for. */
  env: Environment
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
  const env = paneEnvironment(deps.env, { dataDir, apiUrl: deps.apiUrl })
  const within = { ...limits, ...deps.limits }
  const profileOf = profilesOf(config, deps.houseProgram, within)
  const tmux = createTmux({ socket, configFile: join(dataDir, 'luci', 'tmux.conf'), env })
  const found = findAgents(deps.env.PATH ?? '')
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
    limits: within,
    emit,
    deadlineOf: (turn) => verdictDeadline(db, turn),
    price: (usage) => priced(usage, deps.prices ?? {}),
    changed: () => status.refresh(),
    conversation: async (profile, id) => {
      if (isConversation(id)) await settings.set(`luci.conversation.${profile}`, id, 'luci')
      else log.warn({ profile, id }, 'A conversation has a name that is none')
    },
  })

  const session = createSession({
    tmux,
    profileOf,
    env,
    ownEnv: deps.env,
    cwd: config.cwd,
    dataDir,
    apiUrl: deps.apiUrl,
    conversationOf: async (profile) => {
      const kept = await settings.get<string>(`luci.conversation.${profile}`)
      return kept && isConversation(kept.value) ? kept.value : null
    },
    trace: createTrace(dataDir, socket),
    log,
    listener: {
      up: driver.attach,
      down: driver.detach,
      output: driver.output,
      changed: () => status.refresh(),
      healed: async (what, facts) => {
        log.warn({ what, ...facts }, 'Luci was restarted')
        await inbox.post(selfHealItem(what, facts))
      },
    },
  })

  const status = watchStatus(clock, emit, () => {
    const driving = driver.now()
    const trouble = session.state() === 'up' ? driving.trouble : session.trouble()
    return {
      state: luciState(session.state(), driving),
      profile: session.profile(),
      turnId: driving.turn?.id ?? null,
      asks: session.state() === 'up' ? driving.asks : null,
      queued,
      problem: trouble?.problem ?? null,
      hint: trouble?.hint ?? null,
      tmuxSocket: socket,
      attachCommand: tmux.attachCommand,
      panePid: session.current()?.pid ?? null,
      found,
    }
  })

  const recount = async () => {
    queued = await turns.countQueued()
    status.refresh()
  }
  const rung = () => {
    driver.ring()
    // Read again at the next ring.
    driver
      .lookAtDeadline()
      .catch((error) => log.warn({ err: error }, 'The deadline of a digest was not read'))
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
        installCommand(dataDir, deps.apiUrl)
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
      return status.now()
    },

    /** Ends the tmux session and remembers that she is to stay stopped. */
    async stop(): Promise<LuciStatus> {
      await settings.set('luci.wanted', 'stopped', 'person')
      await session.stop()
      return status.now()
    },

    /** Another program in her place. Throws `conflict` when she is busy and it is not forced. */
    async switch({
      profile,
      force = false,
      anew = false,
    }: {
      profile: ProfileName
      force?: boolean
      /** A new conversation, not the one that this program had last. */
      anew?: boolean
    }): Promise<LuciStatus> {
      requireProgram(profileOf(profile), { path: env.PATH ?? '', cwd: config.cwd })
      const { turn } = driver.now()
      if (turn && !force)
        throw new AppError('conflict', `Luci is busy with turn ${turn.id}`, {
          hint: 'Wait until she is done, or force it: that turn is interrupted then.',
        })
      if (anew) await settings.unset(`luci.conversation.${profile}`)
      await settings.set('luci.profile', profile, 'person')
      await settings.set('luci.wanted', 'running', 'person')
      await session.use(profile, { anew })
      return status.now()
    },

    /**
     * Stops the turn in hand; without one, clears a text of ours that stands in her input unsent.
     * Null when there is neither, or for another turn than asked for.
     */
    async interrupt(turnId?: string): Promise<Turn | null> {
      const asked = await driver.interrupt(turnId)
      if (!asked) return null
      await ended(asked.id, within.obeyWithinMs)
      return turns.get(asked.id)
    },

    /**
     * A waiting message is heard now: what she has in hand is interrupted, and it goes next, before
     * all others that wait. Throws `conflict` once it is typed, and for a digest.
     */
    async sendNow(turnId: string): Promise<Turn> {
      const stopped = await driver.sendNow(turnId)
      if (stopped) await ended(stopped.id, within.obeyWithinMs)
      return turns.get(turnId)
    },

    /**
     * Answers what she asks; null for what she asks without a turn. Throws `conflict` when she asks
     * nothing, or something else by now.
     */
    async answer(a: {
      turnId: string | null
      promptId: string
      choice: string
    }): Promise<Turn | null> {
      if (a.turnId === null) {
        if (await driver.answerLoose(a.promptId, a.choice)) return null
        throw noLongerAsked()
      }
      const turn = await turns.get(a.turnId)
      if (turn.state !== 'blocked' || turn.prompt?.id !== a.promptId) throw noLongerAsked()
      if (!turn.prompt.choices.some((choice) => choice.id === a.choice))
        throw new AppError('invalid', `"${a.choice}" is none of the choices`)
      if (a.choice !== STOP) {
        const answered = await driver.answer(turn.id, a.promptId, a.choice)
        if (!answered) throw noLongerAsked()
        return answered
      }
      await driver.interrupt(turn.id)
      await ended(turn.id, within.obeyWithinMs)
      return turns.get(turn.id)
    },

    /**
     * Queues a message. Throws `invalid` when her program cannot take it. With `tx` it joins that
     * transaction; the bell then tells of it.
     */
    async send(turn: NewTurn, tx?: Database): Promise<Turn> {
      // A profile that cannot be driven now takes nothing, but what is queued waits for the next.
      const profile = profileOf(session.profile())
      profile.compose(
        { id: '000000', origin: turn.origin, text: turn.text },
        driver.now().bracketed,
      )
      if (tx) return createTurns(tx, clock).queue(turn)
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

    status: status.now,

    on(listener: (event: LuciEvent) => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }

  /** Until the turn ends or the time is over; its evidence may take longer. */
  async function ended(turnId: string, withinMs: number): Promise<void> {
    const over = new AbortController()
    const listen = (event: LuciEvent) => {
      if (event.type === 'turn' && event.turn.id === turnId && !isOpenTurn(event.turn.state))
        over.abort()
    }
    listeners.add(listen)
    if (driver.now().turn?.id === turnId) await clock.sleep(withinMs, over.signal)
    listeners.delete(listen)
  }
}
export type Luci = ReturnType<typeof createLuci>

/** It becomes an argument of her program, so it must not look like an option. */
const isConversation = (id: unknown): id is string =>
  typeof id === 'string' && /^\w[\w-]{5,199}$/.test(id)

const noLongerAsked = () =>
  new AppError('conflict', 'She no longer asks this', {
    hint: 'Look at what she asks now, and answer that.',
    stale: true,
  })

const verdictDeadline = async (db: Database, turn: Turn): Promise<Date | null> => {
  if (!turn.digestId) return null
  const row = await db.kysely
    .selectFrom('digests')
    .select('verdict_deadline')
    .where('id', '=', turn.digestId)
    .executeTakeFirst()
  return parseTime(row?.verdict_deadline ?? null)
}
