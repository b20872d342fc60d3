import type { Client } from '@mc/core/client/client.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { Command } from 'commander'
import { connect } from './connection.ts'
import { type Cell, table } from './table.ts'

/** What every command works with: the api, and the two ways of telling what it said. */
export type Desk = {
  readonly client: Client
  json: boolean
  /** The api's JSON with `--json`, else what `text` makes of it for a person. */
  show(value: unknown, text: () => string): void
  table(headings: string[], rows: Cell[][], whenEmpty: string): string
}

type Globals = { json?: boolean; turn?: string }

const openDesk = ({ json = false, turn }: Globals): Desk => {
  let client: Client | undefined
  return {
    // Some commands do without the api.
    get client() {
      client ??= connect(turn)
      return client
    },
    json,
    show: (value, text) => write(json ? jsonText(value) : plainText(text())),
    table: (headings, rows, whenEmpty) =>
      rows.length === 0
        ? whenEmpty
        : table(headings, rows, process.stdout.isTTY ? process.stdout.columns : null),
  }
}

/** A commander action that is given a desk in front of its own arguments and options. */
export const atDesk =
  <Arguments extends unknown[]>(work: (desk: Desk, ...args: Arguments) => Promise<void>) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command
    await work(openDesk(command.optsWithGlobals<Globals>()), ...(all.slice(0, -1) as Arguments))
  }

export const write = (text: string): void => {
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
}

/** JSON that is safe on a terminal: control and invisible characters stand as escapes. */
const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0).replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) =>
      [...Array(character.length).keys()]
        .map((n) => `\\u${character.charCodeAt(n).toString(16).padStart(4, '0')}`)
        .join(''),
  )

export type Page<T> = { items: T[]; next: string | null }
