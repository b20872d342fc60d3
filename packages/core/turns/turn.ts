import type { TurnsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'

/** Who wrote the message. Rights follow from it (see docs/security.md). */
export const turnOrigins = ['user', 'digest', 'telegram', 'api', 'system', 'pane'] as const
export type TurnOrigin = (typeof turnOrigins)[number]

/** queued → typed → received → answering → answered, or one of the other ends. See docs/turn-states.md. */
export const turnStates = [
  'queued',
  'typed',
  'received',
  'answering',
  'answered',
  'blocked',
  'interrupted',
  'failed',
  'lost',
  'unknown',
] as const
export type TurnState = (typeof turnStates)[number]

export const openTurnStates: readonly TurnState[] = [
  'queued',
  'typed',
  'received',
  'answering',
  'blocked',
]
/** Luci has it: typed into her pane and not ended. */
export const inFlightTurnStates: readonly TurnState[] = [
  'typed',
  'received',
  'answering',
  'blocked',
]

/** What the agent asks while a turn is blocked. `id` changes when the prompt does. */
export type Prompt = {
  id: string
  kind: 'permission' | 'question' | 'login' | 'unknown'
  text: string
  /** What is to be run, and where, when it is known. */
  command?: string | null
  folder?: string | null
  choices: { id: string; label: string }[]
}

export type Turn = {
  /** Six hex digits: what stands in `[mc 7f3a9c]`. */
  id: string
  /** Its place in the thread. */
  seq: number
  origin: TurnOrigin
  author: string | null
  text: string
  state: TurnState
  /** Provisional until the state is answered; then the agent's own record, byte for byte. */
  reply: string
  problem: string | null
  /** What the agent itself gave as proof, by step: e.g. `{ received: 'transcript:12' }`. */
  evidence: Record<string, unknown>
  prompt: Prompt | null
  digestId: string | null
  profile: string | null
  createdAt: string
  typedAt: string | null
  receivedAt: string | null
  answeringAt: string | null
  endedAt: string | null
  /** As the agent's record tells them; null when it does not. */
  tokensIn: number | null
  tokensOut: number | null
  /** Of tokensIn, how many were read from the program's cache. */
  tokensCached: number | null
  /** US dollars; null when nothing told a price. */
  costUsd: number | null
  model: string | null
}

export const isOpenTurn = (state: TurnState): boolean => openTurnStates.includes(state)

export const toTurn = (row: Selectable<TurnsTable>): Turn => ({
  id: row.id,
  seq: row.seq,
  origin: row.origin as TurnOrigin,
  author: row.author,
  text: row.text,
  state: row.state as TurnState,
  reply: row.reply,
  problem: row.problem,
  evidence: row.evidence ? (JSON.parse(row.evidence) as Record<string, unknown>) : {},
  prompt: row.prompt ? (JSON.parse(row.prompt) as Prompt) : null,
  digestId: row.digest_id,
  profile: row.profile,
  createdAt: row.created_at,
  typedAt: row.typed_at,
  receivedAt: row.received_at,
  answeringAt: row.answering_at,
  endedAt: row.ended_at,
  tokensIn: row.tokens_in,
  tokensOut: row.tokens_out,
  tokensCached: row.tokens_cached,
  costUsd: row.cost_usd,
  model: row.model,
})
