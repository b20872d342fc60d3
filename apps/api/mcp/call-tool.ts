import { AppError } from '@mc/core/errors.ts'
import type { Problem } from '../problems.ts'
import type { InputSchema } from './input-schema.ts'
import type { Tool } from './tools.ts'

/** Asks a route of this api as the caller; `turn` goes along as the header `mc-turn`. */
export type Ask = (asked: {
  method: 'GET' | 'POST'
  url: string
  turn: string | undefined
  body?: Record<string, unknown>
}) => Promise<Record<string, unknown>>

/** What a route said no with. */
export class Refusal extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'Refusal'
    this.problem = problem
  }
}

export type OfferedTool = { tool: Tool; input: InputSchema }

/** Longest text of a row in a list, in characters. */
const ROW_TEXT_MAX = 200

/**
 * One call: the arguments become the path, query or body of the tool's route. `headerTurn` is the
 * turn of a client that names it for all its calls; the argument wins. Throws Refusal for what a
 * route refused and AppError for arguments that could not be sent.
 */
export const callTool = async (
  { tool, input }: OfferedTool,
  given: Record<string, unknown>,
  headerTurn: string | undefined,
  ask: Ask,
): Promise<Record<string, unknown>> => {
  // Some models write null for what they leave out; nothing here takes it for a value.
  const args = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const unknown = Object.keys(args).filter((name) => !(name in input.properties))
  if (unknown.length > 0)
    throw new AppError('invalid', `${tool.name} takes no "${unknown.join('", "')}"`, {
      hint: `It takes: ${Object.keys(input.properties).join(', ')}.`,
    })
  const turn = word('turn', args.turn ?? headerTurn)
  const { path, rest } = fillPath(tool, { ...args, turn })
  const answer =
    tool.method === 'GET'
      ? await ask({ method: 'GET', url: withQuery(path(tool.url), rest), turn })
      : await ask({ method: 'POST', url: path(tool.url), turn, body: rest })
  return { ...answer, ...inRows(answer, tool.rows), ...(await besides(tool, path, turn, ask)) }
}

/** The path with its holes filled, and the arguments that are left for the query or the body. */
const fillPath = (tool: Tool, { turn, ...args }: Record<string, unknown>) => {
  const rest = { ...args }
  const holes = new Map<string, string>()
  for (const hole of tool.url.match(/(?<=:)\w+/g) ?? []) {
    const name = tool.params?.[hole] ?? hole
    const value = word(name, name === 'turn' ? turn : args[name])
    if (value === undefined) throw new AppError('invalid', `Expected "${name}", got none`)
    holes.set(hole, value)
    delete rest[name]
  }
  const path = (url: string) => url.replace(/:(\w+)/g, (_, hole: string) => holes.get(hole) ?? '')
  return { path, rest }
}

/** One word, so that it can neither leave its place in a path nor end a header. */
const word = (name: string, value: unknown): string | undefined => {
  if (value === undefined) return undefined
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && /^\w[\w.-]{0,99}$/.test(text)) return text
  throw new AppError('invalid', `Expected "${name}" to be one word, got ${JSON.stringify(value)}`)
}

const withQuery = (path: string, args: Record<string, unknown>): string => {
  const query = new URLSearchParams(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  return query.size > 0 ? `${path}?${query}` : path
}

const inRows = (answer: Record<string, unknown>, fields: readonly string[] | undefined) =>
  fields
    ? {
        items: (answer.items as Record<string, unknown>[]).map((row) =>
          Object.fromEntries(fields.map((field) => [field, cut(row[field])])),
        ),
      }
    : {}

const cut = (value: unknown): unknown =>
  typeof value === 'string' && value.length > ROW_TEXT_MAX
    ? `${value.slice(0, ROW_TEXT_MAX - 1).toWellFormed()}…`
    : value

const besides = async (
  tool: Tool,
  path: (url: string) => string,
  turn: string | undefined,
  ask: Ask,
) => {
  const found: Record<string, unknown> = {}
  for (const [name, url] of Object.entries(tool.beside ?? {}))
    found[name] = (await ask({ method: 'GET', url: path(url), turn })).items
  return found
}
