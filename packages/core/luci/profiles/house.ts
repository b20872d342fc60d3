import { StringDecoder } from 'node:string_decoder'
import { parseRecord } from '../house/record.ts'
import { HOUSE_PROMPT } from '../house/typed-line.ts'
import { plainInput } from '../tmux-words.ts'
import type { Profile, Reader, RecordEvent } from './profile.ts'

/** Longer text is pulled with `mc turn show`: a screenful is echoed in one go, a megabyte is not. */
const TYPED_TEXT_MAX = 1_000

/** Our own responder: `ops/house.ts` in the pane, and the JSONL record it keeps. */
export const houseProfile = (program: readonly string[]): Profile => ({
  name: 'house',
  argv: program,
  env: {},
  keeps: [],
  start: () => ({ argv: program, env: {} }),
  record: 'file',
  interrupt: '03',
  clear: '15',
  answers: {},
  shell: null,
  screen: null,
  compose: ({ id, origin, text }) => {
    const line = plainInput(text).trim()
    return origin === 'digest' || line.length > TYPED_TEXT_MAX || line.includes('\n')
      ? `[mc ${id}] run: mc turn show ${id}`
      : `[mc ${id}] ${line}`
  },
  reader: createHouseReader,
})

const createHouseReader = (): Reader => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let ready = false
  let line = 0

  const take = (text: string): RecordEvent | null => {
    line += 1
    const record = parseRecord(text)
    if (!record) return null
    ready = record.type === 'ready'
    const evidence = `record:${line}`
    if (record.type === 'ready' || record.turn === null) return null
    if (record.type === 'received') return { type: 'received', turn: record.turn, evidence }
    if (record.type === 'text') return { type: 'text', turn: record.turn, text: record.text }
    const { turn, reply } = record
    return record.type === 'answered'
      ? { type: 'answered', turn, reply, evidence }
      : { type: 'interrupted', turn, reply }
  }

  return {
    feed: (bytes) => {
      const lines = (rest + decoder.write(bytes)).split('\n')
      // The last is empty, or half a record whose rest is still being written.
      rest = lines.pop() ?? ''
      return lines.map(take).filter((event) => event !== null)
    },
    follows: () => [],
    see: () => [],
    quietMs: () => null,
    quiet: () => [],
    begin: () => {},
    entered: () => {},
    answered: () => {},
    ended: () => {},
    seed: () => (ready ? `${JSON.stringify({ type: 'ready', pid: 0 })}\n` : ''),
    now: () => ({ ready, bracketed: true, prompt: HOUSE_PROMPT }),
  }
}
