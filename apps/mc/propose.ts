import { readFileSync } from 'node:fs'
import type { Proposal } from '@mc/core/proposals/proposal.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { jsonFromStdin, wholeNumber } from './input.ts'
import { stepsText } from './proposal-text.ts'

export const PROPOSAL_EXAMPLE =
  '{"title": "…", "steps": [{"do": "file", "name": "copy", "title": "…", "risk": "low", "does": "worker"}]}'

const help = `
Its JSON, whole:
  title      the intent, in a line
  summary    why so, and what it leaves out (markdown)
  parent     "new", or the key of the ticket that those filed become parts of
  questions  [{"text", "options"}], what only the person knows
  steps      1 to 40, each with "do" and a "name" of its own:
    file      title, risk (low, medium, high), does (person, luci, worker); body, after (names of
              steps or keys of tickets), priority, labels, due, folder, review
    delegate  ticket, risk; folder, review: a worker does a ticket that there is
    close     ticket, status (done, cancelled); resolution, why
    alert     title; text, severity
It is taken whole or refused whole, with every mistake named. Nothing is done before the person
says so, unless all of it is trusted; the answer says which.
`

type Options = { item?: number; replaces?: string }
type Made = { proposal: Proposal; note: string }

/** Puts a change of the board before the person, in steps. */
export const proposeCommand = (): Command =>
  new Command('propose')
    .description('propose a change to the board, in steps, as JSON from a file or stdin')
    .argument('[file]', 'or the JSON itself; "-" or nothing reads stdin')
    .option('--item <id>', 'the inbox item it is for (needed in a digest turn)', wholeNumber)
    .option('--replaces <id>', 'the proposal that it takes the place of, as changes were asked for')
    .addHelpText('after', help)
    .action(
      atDesk(async (desk, file: string | undefined, options: Options) => {
        const content = await jsonFrom(file, `a proposal such as ${PROPOSAL_EXAMPLE}`)
        const made = await desk.client.post<Made>('/api/v1/proposals', {
          ...(content as object),
          ...options,
        })
        desk.show(made, () => `${made.note}\n\n${stepsText(made.proposal.content)}`)
      }),
    )

/** The JSON itself, of a file, or of stdin. What is no whole object is refused before anything is sent. */
export const jsonFrom = async (file: string | undefined, what: string): Promise<unknown> => {
  const value =
    file === undefined || file === '-'
      ? await jsonFromStdin(what)
      : parse(file.trimStart().startsWith('{') ? file : readText(file, what), what, file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Exit(USAGE, `Expected ${what}, got ${JSON.stringify(value).slice(0, 40)}`)
}

const readText = (file: string, what: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Exit(USAGE, `Expected ${what} in ${file}: ${(error as Error).message}`)
  }
}

const parse = (text: string, what: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    const where = text === file ? '' : ` in ${file}`
    throw new Exit(USAGE, `Expected ${what}${where}: ${(error as Error).message}`)
  }
}
