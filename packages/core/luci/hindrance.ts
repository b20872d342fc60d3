import type { Screen } from './profiles/screen.ts'
import type { Trouble } from './status.ts'
import type { Look } from './tmux.ts'
import { visible } from './tmux-words.ts'

/** What keeps us from typing, and what a person can do about it. */
export type Hindrance = Trouble & {
  why: 'dead' | 'mode' | 'shell' | 'asks' | 'strange' | 'busy' | 'unsent' | 'draft'
}

/** A message of ours that was typed and, as far as anybody knows, never entered. */
export type Unsent = {
  turnId: string
  typed: string
  /** Her program may have put it back into its input, when we interrupted it. */
  returned?: boolean
  /** It was interrupted while it was typed, and may still appear until then (`performance.now()`). */
  awaitedUntil?: number
}

/** A look at the pane, and what a full-screen program shows on it; null for one that is none. */
export type Seen = Pick<Look, 'dead' | 'inMode' | 'command' | 'screen'> & { shows?: Screen | null }

const shells = ['bash', 'sh', 'dash', 'zsh', 'fish', 'ksh']

/** Why nothing may be typed now; null when it may. `shell`: the one that is itself the program. */
export const hindrance = (
  look: Seen,
  { prompt, shell }: { prompt: string; shell: string | null },
  unsent: Unsent | null = null,
): Hindrance | null => {
  if (look.dead) return { why: 'dead', problem: 'Her program has ended', hint: null }
  if (look.inMode) return { why: 'mode', problem: 'Her pane is in copy mode', hint: null }
  if (shells.includes(look.command) && look.command !== shell)
    return {
      why: 'shell',
      problem: `A bare ${look.command} is in the pane; nothing is typed into it`,
      hint: null,
    }
  const closed = look.shows && closedBy(look.shows)
  if (closed) return closed
  if (isEmpty(look, prompt)) return null
  if (unsent && isWholeInput(look, prompt, unsent.typed))
    return {
      why: 'unsent',
      problem: `Our own text of turn ${unsent.turnId} stands in her input, unsent`,
      hint: 'To clear it: npx -y pnpm@12 mc luci interrupt. Or press Enter in her pane; her answer is then seen only there.',
    }
  return {
    why: 'draft',
    problem: 'Somebody has a draft in her input; send or clear it there',
    hint: null,
  }
}

const closedBy = (shows: Screen): Hindrance | null => {
  if (shows.type === 'menu')
    return { why: 'asks', problem: 'She asks something first', hint: answerIt }
  if (shows.type === 'unknown')
    return { why: 'strange', problem: 'Her screen shows something unknown', hint: answerIt }
  return shows.busy ? { why: 'busy', problem: 'She is busy in her pane', hint: null } : null
}
const answerIt = 'Answer it on the page, or with: npx -y pnpm@12 mc luci answer'

/**
 * Whether the text stands before the cursor, wrapped and coloured as it may be; in a full-screen
 * program, whether it is all that its input holds.
 */
export const standsInInput = (
  { screen, shows }: Pick<Seen, 'screen' | 'shows'>,
  typed: string,
): boolean => {
  if (shows) return shows.type === 'input' && visible(shows.input) === visible(typed)
  return visible(screen).endsWith(visible(typed).slice(-200))
}

/** Whether the input holds this text and nothing else: then it is ours to clear. */
export const isWholeInput = (
  look: Pick<Seen, 'screen' | 'shows'>,
  prompt: string,
  typed: string,
): boolean => {
  if (look.shows) return standsInInput(look, typed)
  const ours = visible(typed)
  // A program without a prompt: its last line is all that is known to be input.
  if (visible(prompt) === '') return visible(lastLine(look)) === ours
  const seen = visible(look.screen)
  // A text longer than the screen fills it, prompt and all.
  return seen.endsWith(visible(prompt) + ours) || (seen.length > 200 && ours.endsWith(seen))
}

const isEmpty = (look: Pick<Seen, 'screen' | 'shows'>, prompt: string): boolean => {
  if (look.shows) return look.shows.type === 'input' && visible(look.shows.input) === ''
  const line = lastLine(look).trimEnd()
  const bare = prompt.trimEnd()
  // Before the prompt may stand the end of a reply without a last newline.
  return bare === '' ? line === '' : line.endsWith(bare)
}

const lastLine = (look: Pick<Look, 'screen'>) => look.screen.split('\n').at(-1) ?? ''
