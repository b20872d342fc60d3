import { StringDecoder } from 'node:string_decoder'

/** What tmux's control mode says, one thing at a time. */
export type ControlEvent =
  | { type: 'reply'; own: boolean; ok: boolean; lines: string[] }
  | { type: 'output'; pane: string; bytes: Buffer }
  | { type: 'subscription'; name: string; value: string }
  | { type: 'exit'; reason: string }
  | { type: 'notice'; line: string }

type Block = { time: string; number: string; own: boolean; lines: string[] }

/**
 * Bytes of `tmux -C` → events. A block ends only at its own time and number: a screen line such
 * as `%end 1 2 3` or `%output %9 hello` stands in it as text. Our own commands carry flags 1;
 * what tmux runs unasked (the attach, hooks) carries 0.
 */
export const createControlParser = () => {
  let rest: Buffer[] = []
  let block: Block | null = null

  const line = (bytes: Buffer): ControlEvent | null => {
    if (block) {
      const text = bytes.toString('utf8')
      const end = /^%(end|error) (\d+) (\d+) \d+$/.exec(text)
      if (!end || end[2] !== block.time || end[3] !== block.number) {
        block.lines.push(text)
        return null
      }
      const { own, lines } = block
      block = null
      return { type: 'reply', own, ok: end[1] === 'end', lines }
    }
    // Pane bytes are no text yet: a character may be split between two lines.
    const text = bytes.toString('latin1')
    const output = /^%output (%\d+) /.exec(text)
    if (output)
      return {
        type: 'output',
        pane: output[1] as string,
        bytes: unescaped(bytes, output[0].length),
      }
    const begin = /^%begin (\d+) (\d+) (\d+)$/.exec(text)
    if (begin) {
      const [, time = '', number = '', flags] = begin
      block = { time, number, own: flags === '1', lines: [] }
      return null
    }
    const utf8 = bytes.toString('utf8')
    const changed = /^%subscription-changed (\S+) .*? : (.*)$/.exec(utf8)
    if (changed)
      return { type: 'subscription', name: changed[1] as string, value: changed[2] as string }
    if (/^%exit\b/.test(utf8)) return { type: 'exit', reason: utf8.slice(6) }
    return { type: 'notice', line: utf8 }
  }

  return (chunk: Buffer): ControlEvent[] => {
    const events: ControlEvent[] = []
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      rest.push(chunk.subarray(from, at))
      const event = line(rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat(rest))
      if (event) events.push(event)
      rest = []
      from = at + 1
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
    return events
  }
}

const BACKSLASH = 0x5c

/** `%output` writes bytes below 0x20 and the backslash as three octal digits. */
const unescaped = (line: Buffer, from: number): Buffer => {
  const bytes = Buffer.allocUnsafe(line.length - from)
  let length = 0
  for (let at = from; at < line.length; at++) {
    const byte = line[at] as number
    const octal = byte === BACKSLASH ? line.toString('latin1', at + 1, at + 4) : ''
    if (/^[0-7]{3}$/.test(octal)) {
      bytes[length++] = Number.parseInt(octal, 8)
      at += 3
    } else bytes[length++] = byte
  }
  return bytes.subarray(0, length)
}

/** Text of each pane; 166 of 236 `%output` lines were seen to end inside a UTF-8 sequence. */
export const createPaneDecoder = () => {
  const decoders = new Map<string, StringDecoder>()
  return (pane: string, bytes: Buffer): string => {
    let decoder = decoders.get(pane)
    if (!decoder) {
      decoder = new StringDecoder('utf8')
      decoders.set(pane, decoder)
    }
    return decoder.write(bytes)
  }
}
