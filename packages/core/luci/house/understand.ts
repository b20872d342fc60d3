import {
  type Doer,
  parseTicketKey,
  type Risk,
  risks,
  ticketFromText,
} from '../../tickets/ticket.ts'

/** What a message asks of the house responder. */
export type Intent =
  | { kind: 'help' | 'hello' | 'thanks' | 'status' | 'needs_me' | 'failed' | 'scheduled' }
  | { kind: 'inbox' | 'alerts' | 'agents' | 'unknown' }
  | { kind: 'tickets'; filter: 'open' | 'all' | 'doing' | 'done' }
  | { kind: 'show'; ticket: number }
  | { kind: 'file'; title: string; body: string; labels: string[] }
  | { kind: 'propose'; about: string; ordered: boolean; entries: Entry[] }
  | { kind: 'changes'; proposal: string }
  | { kind: 'accept' }
  | { kind: 'pull'; turn: string }

/** One bullet. */
export type Entry = { title: string; body: string; does: Doer; risk: Risk }

/** The lines that name the files of a message. */
const ATTACHED = /^Attached: .*$/gm

/** The first sense a message makes to us; plain words, no model. */
export const understand = (message: string): Intent => {
  const text = message.trim()
  const pulled = /^run: mc turn show ([0-9a-f]{6})$/.exec(text)
  if (pulled) return { kind: 'pull', turn: pulled[1] as string }
  const changed = /^Changes are asked for in your proposal ([0-9a-f]{6})\b/.exec(text)
  if (changed) return { kind: 'changes', proposal: changed[1] as string }
  return orders(text) ?? question(text.replace(ATTACHED, '').trim().toLowerCase())
}

/** What changes something, and so must be said in these words. */
const orders = (text: string): Intent | null => {
  const filed = /^(?:please\s+)?(?:file|ticket|todo|task)(?:\s+(?:a|this))?\s*:\s*([\s\S]+)$/i.exec(
    text,
  )
  if (filed) return fileOf(filed[1] as string, [])
  const reminder = /^(?:please\s+)?remind me (?:to |of |about |that )?([\s\S]+)$/i.exec(text)
  if (reminder) return fileOf(capitalised(reminder[1] as string), ['reminder'])
  const drafts =
    /^(?:please\s+)?(?:file|accept)\s+(?:them|all|both|these|it|(?:drafts?\s*)?(?:#?\d+(?:\s*,\s*|\s+and\s+|\s+)?)+)[.!]?$/i.exec(
      text,
    )
  if (drafts) return { kind: 'accept' }
  const bullets = bulletsOf(text)
  if (bullets.entries.length >= 2) return { kind: 'propose', ...bullets }
  return null
}

const question = (text: string): Intent => {
  const key = /\bmc-(\d{1,15})\b/.exec(text)
  const ticket = key ? parseTicketKey(key[1] as string) : null
  if (ticket !== null) return { kind: 'show', ticket }
  const [, kind] = senses.find(([pattern]) => pattern.test(text)) ?? []
  if (kind === 'tickets') return { kind, filter: filterOf(text) }
  return { kind: kind ?? 'unknown' }
}

type Sense = Exclude<Intent['kind'], 'show' | 'file' | 'propose' | 'changes' | 'accept' | 'pull'>

/** In this order: the narrow before the wide. */
const senses: readonly [RegExp, Sense][] = [
  [
    /^\W*(?:help|\?|commands?)\W*$|what can you|how (?:do|can) (?:i|you) (?:use|talk|ask)|who are you|what are you\W*$/,
    'help',
  ],
  [/\battach\b|real agent|other agent|\b(?:claude|codex|opencode|gemini)\b/, 'agents'],
  [
    /needs? me|need(?:s)? (?:my )?attention|what should i|what do i (?:have|need)|waiting (?:for|on) me|to do now/,
    'needs_me',
  ],
  [/\bfail|\bbreak|broke|went wrong|\berrors?\b|red\b/, 'failed'],
  [
    /schedul|\bcron\b|what runs|next run|when (?:does|do|will|is).* run|\bjobs?\b|\btasks?\b/,
    'scheduled',
  ],
  [/\balerts?\b|telegram/, 'alerts'],
  [/\binbox\b|orchestrator/, 'inbox'],
  [/\btickets?\b|\bboard\b|backlog|work(?:ing)? on|\btodos?\b/, 'tickets'],
  [
    /\bstatus\b|how (?:is|are) (?:it|things|everything|you)|everything (?:ok|fine|all right)|all (?:clear|good)|what(?:'s| is) (?:up|new|going on|happening)|overview|summary|health/,
    'status',
  ],
  [/^\W*(?:hi|hello|hey|good (?:morning|evening|afternoon)|hallo|moin|servus)\b/, 'hello'],
  [/^\W*(?:thanks?|thank you|thx|great|nice|ok(?:ay)?|cool|danke)\b/, 'thanks'],
]

const filterOf = (text: string) => {
  if (/\bdone|closed|finished/.test(text)) return 'done'
  if (/\bdoing|in progress|working on/.test(text)) return 'doing'
  return /\ball\b/.test(text) ? 'all' : 'open'
}

const fileOf = (text: string, labels: string[]): Intent => ({
  kind: 'file',
  ...ticketFromText(text),
  labels,
})

/** `- a`, `* b`, `[ ] c`, `1. d`: one entry each, and the words above them. Numbers are an order. */
const bulletsOf = (text: string) => {
  const lines = text.split('\n')
  const found = lines.flatMap((line) => {
    const [, mark = '', words = ''] = /^\s*([-*•–]|\d{1,2}[.)]|\[[ x]\])\s+(.+)$/.exec(line) ?? []
    return words === '' ? [] : [{ mark, ...entryOf(words) }]
  })
  const about = lines.find(
    (line) => line.trim() !== '' && !/^\s*(?:[-*•–]|\d{1,2}[.)]|\[)/.test(line),
  )
  const entries = found.slice(0, 30)
  return {
    about: (about ?? '').trim().replace(/:$/, ''),
    ordered: entries.length > 0 && entries.every(({ mark }) => /^\d/.test(mark)),
    entries: entries.map(({ mark: _, ...entry }) => entry),
  }
}

/**
 * `Copy the pages (worker)`, `… (worker, low risk)`, `… (Luci)`: who does it. What somebody else
 * does is of medium risk unless it is said: nobody called it harmless.
 */
const entryOf = (words: string): Entry => {
  const [, what = '', who = '', risk = ''] =
    /^(.*\S)\s*\((?:a\s+)?(worker|luci|me|you)(?:,\s*(low|medium|high)(?:\s+risk)?)?\)[.!]?$/i.exec(
      words.trim(),
    ) ?? []
  const name = who.toLowerCase()
  const does = name === 'worker' || name === 'luci' ? name : 'person'
  return {
    ...ticketFromText(what || words),
    does,
    risk: riskOf(risk.toLowerCase()) ?? (does === 'person' ? 'low' : 'medium'),
  }
}

const riskOf = (word: string): Risk | undefined => risks.find((risk) => risk === word)

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
