import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import type { Prompt } from '../turns/turn.ts'
import { isSameMenu, keysTo, promptOf, rawKeys } from './asked.ts'
import type { Attachment } from './attachment.ts'
import type { Hand } from './hand.ts'
import type { About, RecordEvent } from './profiles/profile.ts'
import type { Menu, Screen } from './profiles/screen.ts'

/** A picture is judged once the pane has been silent for so long, */
const SETTLED_MS = 60
/** or, while it never is, this long after the last. */
const AT_LEAST_EACH_MS = 400
/** A strange picture that stays is a question: a program that works draws all the time. */
const STRANGE_AFTER_MS = 3_000
/** A key that comes as soon as the menu may be lost (Claude Code: one of ten within 100 ms). */
const STANDS_MS = 400
/** How long a menu may take to follow the arrow keys, and to go once it was answered. */
const FOLLOWS_WITHIN_MS = 10_000
const FOLLOWS_LOOK_MS = 30

/**
 * Watches a full-screen program's picture: a question that stands there blocks the turn in hand, or
 * waits for a person without one; a question that has gone was answered, here or in the pane.
 */
export const createAsking = (deps: { hand: Hand; changed(): void }) => {
  const { hand } = deps
  let outputAt = 0
  let lookedAt = 0
  let seen: { shows: Screen; since: number } | null = null
  let about: About | null = null
  /** The question that stands there without a turn. */
  let loose: Prompt | null = null
  /** How many questions were answered, so that the next in the same words is another. */
  let answered = 0

  /** After a restart the same words are another question, too: nobody knows what was answered. */
  const birth = randomHex(3)

  const scope = () => `${hand.now()?.turn.id ?? 'session:'}:${birth}:${answered}`

  const strangeFor = (now: number) =>
    seen?.shows.type === 'unknown' ? now - Math.max(seen.since, outputAt) : null

  const asks = (now: number): Prompt | null => {
    if (!seen) return null
    const strange = strangeFor(now)
    if (strange !== null && strange < STRANGE_AFTER_MS) return null
    return promptOf(seen.shows, scope(), about)
  }

  const show = async (prompt: Prompt | null) => {
    const of = hand.now()
    const before = of ? (of.turn.state === 'blocked' ? of.turn.prompt : null) : loose
    // The hook may tell what it is about only when it stands there already.
    if (JSON.stringify(before) === JSON.stringify(prompt)) return
    if (before && !prompt) about = null
    loose = of ? null : prompt
    if (of && of.phase === 'received') {
      if (prompt) await hand.move(of, { to: 'blocked', progress: { prompt } })
      else await hand.move(of, { to: 'answering' })
    }
    deps.changed()
  }

  /** What came while we looked may not be on the picture: the look counts from its beginning. */
  const take = (at: Attachment, { shows, sight }: Looked, begunAt: number): RecordEvent[] => {
    const now = performance.now()
    lookedAt = begunAt
    if (!shows || !sight) {
      if (seen) at.reader.drawsNoMore?.()
      seen = null
      return []
    }
    const same = seen !== null && JSON.stringify(seen.shows) === JSON.stringify(shows)
    const had = seen?.shows.type === 'menu' ? seen.shows.menu : null
    if (had && !(shows.type === 'menu' && isSameMenu(shows.menu, had))) answered += 1
    seen = { shows, since: same ? (seen?.since ?? now) : now }
    return at.reader.see(shows, sight)
  }

  /** Looks until the picture is as hoped; null when it is not in time. */
  const until = async (at: Attachment, hoped: (shows: Screen) => boolean) => {
    const end = performance.now() + FOLLOWS_WITHIN_MS
    for (;;) {
      const { shows } = await at.look()
      if (shows && hoped(shows)) return shows
      if (performance.now() > end) return null
      await pause(FOLLOWS_LOOK_MS)
    }
  }

  return {
    /** Another program: nothing that was seen counts any more. */
    forget: () => {
      lookedAt = 0
      seen = null
      about = null
      loose = null
    },
    output: () => {
      outputAt = performance.now()
    },
    /** What she asks without a turn in hand; null when nothing. */
    loose: () => loose,
    shows: () => seen?.shows ?? null,
    /** How long (ms) an idle input has stood there, the same; 0 when none does. */
    openFor: (now: number): number =>
      seen?.shows.type === 'input' && !seen.shows.busy ? now - seen.since : 0,
    heard: (event: RecordEvent) => {
      if (event.type !== 'asks') return
      about = event.about
      // The picture follows the hook at once; it is not waited for to be silent.
      lookedAt = 0
    },

    /**
     * Looks when it is time to. What the reader makes of it comes with the next of its record.
     * Returns when to look again (ms).
     */
    async watch(at: Attachment): Promise<number> {
      const { screen, record } = at.incarnation.profile
      // A plain program's pane is looked at too: it may begin to draw pictures.
      if (!screen && record === 'file') return Number.POSITIVE_INFINITY
      const now = performance.now()
      const silentMs = now - outputAt
      const due =
        lookedAt === 0 ||
        (outputAt > lookedAt && (silentMs >= SETTLED_MS || now - lookedAt >= AT_LEAST_EACH_MS))
      if (due) {
        lookedAt = now
        const look = await at.look()
        if (!look.dead && !look.inMode) at.later(take(at, look, now))
      }
      // A plain program's questions stand in its record.
      if (!at.isFullScreen()) return outputAt > lookedAt ? SETTLED_MS : Number.POSITIVE_INFINITY
      await show(asks(performance.now()))
      // What was seen may have changed how long the reader wants silence.
      if (due) return 0
      if (outputAt > lookedAt) return SETTLED_MS
      const strange = strangeFor(performance.now())
      return strange !== null && strange < STRANGE_AFTER_MS
        ? STRANGE_AFTER_MS - strange + 1
        : Number.POSITIVE_INFINITY
    },

    /**
     * Chooses for a person, who saw `promptId`. False when something else is asked by now. Enter
     * is pressed only once the selection provably stands on the choice. `row` is written before.
     * Throws `unavailable` when the menu does not follow the keys.
     */
    async choose(
      at: Attachment,
      promptId: string,
      choice: string,
      row: () => Promise<void>,
    ): Promise<boolean> {
      const { pane } = at.incarnation
      const begunAt = performance.now()
      const look = await at.look()
      if (look.inMode) await pane.leaveMode()
      if (look.dead || !look.shows) return false
      take(at, look, begunAt)
      const prompt = promptOf(look.shows, scope(), about)
      if (prompt?.id !== promptId) return false
      const raw = rawKeys[choice]
      if (raw && look.shows.type === 'unknown') {
        await row()
        const still = await at.look()
        if (!still.shows || promptOf(still.shows, scope(), about)?.id !== promptId) return false
        await pane.press(raw.hex)
        outputAt = performance.now()
        return true
      }
      const wanted = Number(choice) - 1
      if (look.shows.type !== 'menu' || !look.shows.menu.options[wanted]) return false
      const { menu } = look.shows
      await pause(Math.max(0, STANDS_MS - (performance.now() - (seen?.since ?? 0))))
      const keys = keysTo(menu, wanted)
      if (keys) await pane.press(keys)
      const isOn = (shows: Screen) =>
        shows.type === 'menu' && isSameMenu(shows.menu, menu) && isSelected(shows.menu, wanted)
      if (!(await until(at, isOn))) throw stubborn
      await row()
      // Writing takes time, in which somebody may have answered it in the pane.
      const still = await at.look()
      if (!still.shows || !isOn(still.shows)) return false
      answered += 1
      about = null
      await pane.press('0d')
      const gone = await until(
        at,
        (shows) => shows.type !== 'menu' || !isSameMenu(shows.menu, menu),
      )
      if (gone) seen = { shows: gone, since: performance.now() }
      loose = null
      lookedAt = 0
      deps.changed()
      return true
    },
  }
}
type Looked = Awaited<ReturnType<Attachment['look']>>

export type Asking = ReturnType<typeof createAsking>

const isSelected = ({ options }: Menu, at: number) => options[at]?.selected === true

const stubborn = new AppError('unavailable', 'The selection in her pane does not follow the keys', {
  hint: 'Nothing was chosen. Answer it in her pane.',
})
