import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGeminiReader } from '@mc/core/luci/profiles/gemini/reader.ts'
import type { RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import type { Sight } from '@mc/core/luci/profiles/screen.ts'

const folder = join(import.meta.dirname, '../../../../fixtures/agents/gemini')

export const sight = (name: string): Sight =>
  JSON.parse(readFileSync(join(folder, 'screens', `${name}.json`), 'utf8'))

const linesOf = (name: string) =>
  readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)

export const hooks = linesOf('hooks.jsonl')
export const transcript = linesOf('transcript.jsonl')
export const path: string = JSON.parse(hooks[0] ?? '').transcript_path

type Timed = { from: 'hook' | 'transcript'; line: string; at: string }

const timeOf = (line: string): string => JSON.parse(line).timestamp ?? ''

/** What hooks and transcript told of one turn, in the order of their writing. */
const storyOf = (turn: string): Timed[] => {
  const begins = hooks.findIndex((line) => line.includes(`"prompt":"[mc ${turn}]`))
  const length = hooks.slice(begins + 1).findIndex((line) => line.includes('"BeforeAgent"'))
  const told = hooks.slice(begins, length === -1 ? undefined : begins + 1 + length)
  const from = transcript.findIndex((line) => line.includes(`"text":"[mc ${turn}]`))
  const next = transcript
    .slice(from + 1)
    .findIndex((line) => /"type":"user","content":\[\{"text":"\[mc /.test(line) && isNew(line))
  const kept = transcript.slice(from, next === -1 ? undefined : from + 1 + next)
  let at = ''
  return [
    ...told.map((line): Timed => ({ from: 'hook', line, at: timeOf(line) })),
    ...kept.map((line): Timed => {
      at = timeOf(line) || at
      return { from: 'transcript', line, at }
    }),
  ].sort((a, b) => a.at.localeCompare(b.at))
}

/** After an interrupt old messages are written anew, all with one time. */
const isNew = (line: string) =>
  transcript.filter((other) => timeOf(other) === timeOf(line)).length < 3

const bytes = (text: string) => Buffer.from(text)

export type Order = 'as it came' | 'at once' | 'in small pieces'

/** A reader that has seen the program start, with the turn typed and entered. */
export const begun = (turn: string) => {
  const reader = createGeminiReader()
  reader.feed(bytes(`${hooks[0]}\n`), null)
  reader.feed(bytes(`${transcript[0]}\n`), path)
  reader.begin(turn, '')
  reader.entered()
  return reader
}

/** The events of a recorded turn, read in one of the orders that happen. */
export const replay = (turn: string, order: Order): RecordEvent[] => {
  const reader = begun(turn)
  const story = storyOf(turn)
  const feed = (of: readonly Timed[]) => {
    const textOf = (from: Timed['from']) =>
      of
        .filter((line) => line.from === from)
        .map(({ line }) => `${line}\n`)
        .join('')
    // The transcript first, as the attachment reads them.
    return [
      ...fed(reader, textOf('transcript'), path, order),
      ...fed(reader, textOf('hook'), null, order),
    ]
  }
  return order === 'at once' ? feed(story) : story.flatMap((line) => feed([line]))
}

const fed = (
  reader: ReturnType<typeof createGeminiReader>,
  text: string,
  file: string | null,
  order: Order,
): RecordEvent[] => {
  const all = bytes(text)
  if (order !== 'in small pieces') return reader.feed(all, file)
  const events: RecordEvent[] = []
  for (let at = 0; at < all.length; at += 7)
    events.push(...reader.feed(all.subarray(at, at + 7), file))
  return events
}
