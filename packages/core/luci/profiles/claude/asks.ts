import { basename } from 'node:path'
import { visible } from '../../tmux-words.ts'
import type { About } from '../profile.ts'
import type { Screen } from '../screen.ts'
import type { Hook } from './hooks.ts'

type ToolHook = Extract<Hook, { name: 'PermissionRequest' | 'PreToolUse' }>

/** What a tool asks, and what of it must stand in its dialog. */
type Ask = { about: About; signs: string[] }

const COMMAND_MAX = 4_000
/** Many tools may ask at once; so many are remembered. */
const ASKS_MAX = 50
/** So much of a command stands in the dialog's first row, however it goes on. */
const SIGN_LENGTH = 30

/**
 * Which of the tools that asked is the one whose dialog stands on the screen: several ask at once,
 * their dialogs come one after the other, and a person must see the command that Yes would run.
 */
export const createAsks = () => {
  const asks: Ask[] = []
  let told: About | null = null

  const tell = (about: About): About | null => {
    if (JSON.stringify(about) === JSON.stringify(told)) return null
    told = about
    return about
  }

  return {
    /** What is news at once; null when its dialog decides. */
    heard: (hook: ToolHook): About | null => {
      const ask = askOf(hook)
      asks.push(ask)
      asks.splice(0, asks.length - ASKS_MAX)
      return asks.length === 1 ? tell(ask.about) : null
    },
    /** What the dialog on the screen is about; null when that is no news. */
    see: (screen: Screen): About | null => {
      if (screen.type !== 'menu') {
        told = null
        return null
      }
      const { text, kind } = screen.menu
      const [found] = matching(asks, visible(text.replaceAll('│', '')))
      if (found) return tell(found)
      return told && tell({ kind, command: null, folder: null })
    },
    /** The prompt is over, and nothing of it is asked any more. */
    over: () => {
      asks.length = 0
      told = null
    },
  }
}

/** The one thing that the dialog is about; none when it could be two. */
const matching = (asks: readonly Ask[], shown: string): About[] => {
  const near = asks.filter(({ signs }) =>
    signs.some((sign) => shown.includes(visible(sign).slice(0, SIGN_LENGTH))),
  )
  const exact = near.filter(({ signs }) => signs.some((sign) => shown.includes(visible(sign))))
  const abouts = (exact.length > 0 ? exact : near).map(({ about }) => about)
  return new Set(abouts.map((about) => JSON.stringify(about))).size === 1 ? abouts : []
}

const askOf = ({ tool_name, tool_input, cwd }: ToolHook): Ask => {
  const { command, file_path, url, questions } = tool_input as Record<string, unknown>
  if (tool_name === 'AskUserQuestion')
    return { about: { kind: 'question', command: null, folder: null }, signs: wordsIn(questions) }
  const about = (words: string, sign: string): Ask => ({
    about: { kind: 'permission', command: words.slice(0, COMMAND_MAX), folder: cwd },
    signs: [sign],
  })
  if (typeof command === 'string') return about(command, command)
  if (typeof file_path === 'string') return about(`${tool_name} ${file_path}`, basename(file_path))
  if (typeof url === 'string') return about(`${tool_name} ${url}`, url)
  const [, name = tool_name] = /^mcp__.+?__(.+)$/.exec(tool_name) ?? []
  return about(`${tool_name} ${JSON.stringify(tool_input)}`, name)
}

const wordsIn = (questions: unknown): string[] =>
  Array.isArray(questions)
    ? questions.flatMap((one: { question?: unknown } | null) =>
        typeof one?.question === 'string' ? [one.question] : [],
      )
    : []
