import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Usage } from '../../../costs/usage.ts'

const count = Type.Integer({ minimum: 0 })
const Tokens = Type.Object({
  input_tokens: count,
  cached_input_tokens: Type.Optional(count),
  output_tokens: count,
})
type Tokens = Static<typeof Tokens>

/** One call of the model, and all calls of its turn up to it. */
const Record = Type.Object({ turn_id: Type.String(), turn_token_usage: Tokens })
/** The whole conversation up to now, written also when nothing was added. */
const Count = Type.Object({
  info: Type.Object({ total_token_usage: Tokens, last_token_usage: Tokens }),
})
const Context = Type.Object({ turn_id: Type.String(), model: Type.String() })
const Started = Type.Object({ turn_id: Type.String() })

type Counted = { input: number; cached: number; output: number }

/**
 * What each of her turns has used, by her rollout: its `token_usage_record`s, which name the turn
 * and hold its sum, or else (a Codex without them) what the conversation's total in `token_count`
 * grew by while the turn ran. A line in another shape is passed over.
 */
export const createCodexUsage = () => {
  const models = new Map<string, string>()
  const recorded = new Map<string, Counted>()
  const grown = new Map<string, Counted>()
  let running: string | null = null
  let total: Counted | null = null

  const grow = (turn: string, { total_token_usage, last_token_usage }: CountInfo) => {
    const now = countedOf(total_token_usage)
    const before = total
    total = now
    const more = before ? less(now, before) : countedOf(last_token_usage)
    // A total that shrank was begun anew.
    const added = isNegative(more) ? countedOf(last_token_usage) : more
    grown.set(turn, plus(grown.get(turn) ?? nothing, added))
  }

  const usageOf = (turn: string): Usage | null => {
    const counted = recorded.get(turn) ?? grown.get(turn)
    if (!counted) return null
    return {
      model: models.get(turn) ?? null,
      tokensIn: counted.input,
      tokensOut: counted.output,
      tokensCached: counted.cached,
      costUsd: null,
    }
  }

  return {
    /** Her turn and what it has used by now, when this line of the rollout tells of it. */
    read: (line: string): { task: string; usage: Usage } | null => {
      const told = toldIn(line)
      if (!told) return null
      const { type, payload } = told
      if (type === 'turn_context' && Value.Check(Context, payload))
        models.set(payload.turn_id, payload.model)
      if (type === 'task_started' && Value.Check(Started, payload)) running = payload.turn_id
      if (type === 'token_usage_record' && Value.Check(Record, payload)) {
        recorded.set(payload.turn_id, countedOf(payload.turn_token_usage))
        return told.of(payload.turn_id, usageOf)
      }
      if (type === 'token_count' && running !== null && Value.Check(Count, payload)) {
        grow(running, payload.info)
        return told.of(running, usageOf)
      }
      return null
    },
  }
}

type CountInfo = Static<typeof Count>['info']

/** Only these lines need to be parsed; others may hold whole requests. */
const TOLD =
  /^\{"timestamp":\s*"[^"]*",\s*(?:"ordinal":\s*\d+,\s*)?"type":\s*"(?:(turn_context|token_usage_record)"|event_msg",\s*"payload":\s*\{"type":\s*"(task_started|token_count)")/

const toldIn = (line: string) => {
  const match = TOLD.exec(line)
  const type = match?.[1] ?? match?.[2]
  if (!type) return null
  try {
    const { payload } = JSON.parse(line) as { payload?: unknown }
    const of = (task: string, usageOf: (task: string) => Usage | null) => {
      const usage = usageOf(task)
      return usage ? { task, usage } : null
    }
    return { type, payload, of }
  } catch {
    // Half a line of a crash.
    return null
  }
}

const nothing: Counted = { input: 0, cached: 0, output: 0 }

const countedOf = (tokens: Tokens): Counted => ({
  input: tokens.input_tokens,
  cached: tokens.cached_input_tokens ?? 0,
  output: tokens.output_tokens,
})

const plus = (one: Counted, other: Counted): Counted => ({
  input: one.input + other.input,
  cached: one.cached + other.cached,
  output: one.output + other.output,
})

const less = (one: Counted, other: Counted): Counted => ({
  input: one.input - other.input,
  cached: one.cached - other.cached,
  output: one.output - other.output,
})

const isNegative = ({ input, cached, output }: Counted) => input < 0 || cached < 0 || output < 0
