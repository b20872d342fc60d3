import { appendFileSync } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../clock.ts'
import { createLineEditor } from './line-editor.ts'
import type { HouseRecord } from './record.ts'
import type { Memory, respond } from './respond.ts'
import { HOUSE_PROMPT, readTypedLine } from './typed-line.ts'

/*
 * The house responder at work in its pane. Lines come in, typed by Mission Control or by hand;
 * every step is one line of the record, written before it is shown. One message at a time; what
 * is typed meanwhile stays in the input.
 */

/** Long enough to be seen to stream, short enough not to be waited for. */
const PIECE_CHARS = 240
const PIECE_PAUSE_MS = 15

export type HouseParts = {
  input: ReadStream
  output: WriteStream
  clock: Clock
  /** Path of the record. */
  record: string
  /** The api in the right of a turn; null: of what a person typed here by hand. */
  clientFor(turn: string | null): Pick<Client, 'get' | 'post'>
  respond: typeof respond
}

/** Resolves when the input ends. */
export const runHouse = async (parts: HouseParts): Promise<void> => {
  const { input, output, record, clientFor } = parts
  const editor = createLineEditor()
  const memory: Memory = { proposal: null }
  const waiting: string[] = []
  let answering: AbortController | null = null
  const done = Promise.withResolvers<void>()

  const write = (line: HouseRecord) => appendFileSync(record, `${JSON.stringify(line)}\n`)
  const ready = () => {
    draw(editor.line())
    write({ type: 'ready', pid: process.pid })
  }
  let rows = 1
  /** The prompt and the input under it, in place of what stood there. */
  const draw = (line: string) => {
    const columns = output.columns || 80
    const shown = HOUSE_PROMPT + line.replaceAll('\n', '\r\n  ')
    output.write(
      `${rows > 1 ? `\u001b[${rows - 1}A` : ''}\r\u001b[J${bold(HOUSE_PROMPT)}${shown.slice(HOUSE_PROMPT.length)}`,
    )
    rows = shown
      .split('\r\n')
      .reduce((sum, part) => sum + Math.max(1, Math.ceil(columnsOf(part) / columns)), 0)
  }

  const next = async () => {
    while (waiting.length > 0) await answer(waiting.shift() as string)
  }

  const answer = async (line: string) => {
    const { turn, text } = readTypedLine(line)
    if (text.trim() === '') return ready()
    const stop = new AbortController()
    answering = stop
    write({ type: 'received', turn, text })
    const reply = await Promise.race([
      parts.respond(text, clientFor(turn), memory),
      aborted(stop.signal),
    ])
    let said = ''
    for (const piece of piecesOf(reply)) {
      if (stop.signal.aborted) break
      said += piece
      write({ type: 'text', turn, text: piece })
      output.write(display(piece))
      await parts.clock.sleep(PIECE_PAUSE_MS)
    }
    output.write('\r\n\r\n')
    rows = 1
    answering = null
    write(
      stop.signal.aborted
        ? { type: 'interrupted', turn, reply: said }
        : { type: 'answered', turn, reply },
    )
    ready()
  }

  const take = (keys: string) => {
    for (const edit of editor.feed(keys)) {
      if (edit.type === 'end') done.resolve()
      if (edit.type === 'changed' && !answering) draw(edit.text)
      if (edit.type === 'interrupt') {
        if (answering) answering.abort()
        else {
          rows = 1
          output.write('^C\r\n')
          draw('')
        }
      }
      if (edit.type === 'line') {
        if (!answering) output.write('\r\n')
        rows = 1
        waiting.push(edit.text)
        if (!answering && waiting.length === 1) void next().catch(done.reject)
      }
    }
  }

  input.setRawMode(true)
  input.setEncoding('utf8')
  input.on('data', (keys: string) => take(keys))
  input.on('end', () => done.resolve())
  // Bracketed paste: what is pasted is told from what is typed.
  output.write(`\u001b[?2004h${BANNER}`)
  ready()
  await done.promise
  output.write('\u001b[?2004l\r\n')
}

/** Columns a text takes: most scripts from Hangul on, and emoji, take two each. */
const columnsOf = (text: string): number =>
  [...text].reduce((sum, char) => sum + ((char.codePointAt(0) as number) >= 0x1100 ? 2 : 1), 0)

const bold = (text: string) => `\u001b[1m${text}\u001b[0m`

const BANNER = [
  bold('Luci · the house responder of Mission Control'),
  'A small program, no model. It answers about your tickets, tasks and inbox: try "help".',
  'Leave with C-b d; I stay. End me with "npx -y pnpm@12 mc luci stop".',
  '',
  '',
].join('\r\n')

/** Pieces at word ends, none much longer than a line or two. */
const piecesOf = (text: string): string[] =>
  text.match(new RegExp(`[\\s\\S]{1,${PIECE_CHARS}}(?:\\s+|$)|[\\s\\S]{1,${PIECE_CHARS}}`, 'gu')) ??
  []

/** Replies quote outside text: nothing of it may steer the terminal. */
const display = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').replaceAll('\n', '\r\n')

const aborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(''), { once: true }))
