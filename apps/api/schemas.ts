import { alertStates } from '@mc/core/alerts/alert.ts'
import { itemKinds, itemStatuses, priorities, verdictActions } from '@mc/core/inbox/item.ts'
import { runStatuses } from '@mc/core/runs/run.ts'
import { resolutions, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import { turnOrigins, turnStates } from '@mc/core/turns/turn.ts'
import { type TSchema, Type } from 'typebox'

/** The nouns as the api gives them. They may gain fields; those named here stay. */
const more = { additionalProperties: true }

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String()
const NullableText = Nullable(Text)

export const TicketShape = Type.Object(
  {
    id: Type.Integer(),
    key: Text,
    title: Text,
    body: Text,
    status: Type.Enum(ticketStatuses),
    resolution: Nullable(Type.Enum(resolutions)),
    priority: Type.Enum(priorities),
    labels: Type.Array(Text),
    source: Text,
    fingerprint: NullableText,
    parentId: Nullable(Type.Integer()),
    occurrences: Type.Integer(),
    version: Type.Integer(),
    createdAt: Text,
    updatedAt: Text,
    closedAt: NullableText,
    due: NullableText,
  },
  more,
)

export const TicketEventShape = Type.Object(
  {
    id: Type.Integer(),
    ticketId: Type.Integer(),
    at: Text,
    actor: Text,
    kind: Text,
    body: NullableText,
    before: NullableText,
    after: NullableText,
  },
  more,
)

export const PromptShape = Type.Object(
  {
    id: Text,
    kind: Text,
    text: Text,
    command: Type.Optional(NullableText),
    folder: Type.Optional(NullableText),
    choices: Type.Array(Type.Object({ id: Text, label: Text }, more)),
  },
  more,
)

export const TurnShape = Type.Object(
  {
    id: Text,
    seq: Type.Integer(),
    origin: Type.Enum(turnOrigins),
    author: NullableText,
    text: Text,
    state: Type.Enum(turnStates),
    reply: Text,
    problem: NullableText,
    evidence: Type.Record(Text, Type.Unknown()),
    prompt: Nullable(PromptShape),
    digestId: NullableText,
    profile: NullableText,
    createdAt: Text,
    typedAt: NullableText,
    receivedAt: NullableText,
    answeringAt: NullableText,
    endedAt: NullableText,
  },
  more,
)

export const KeyParam = Type.Object({
  key: Type.String({ maxLength: 20, description: 'The ticket, e.g. MC-12' }),
})
export const IdParam = Type.Object({
  id: Type.Integer({ minimum: 1, description: 'Its number' }),
})
export const NameParam = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })

export const ItemShape = Type.Object(
  {
    id: Type.Integer(),
    source: Text,
    sourceId: NullableText,
    message: Text,
    priority: Type.Enum(priorities),
    status: Type.Enum(itemStatuses),
    kind: Nullable(Type.Enum(itemKinds)),
    fingerprint: NullableText,
    detail: Type.Record(Text, Type.Unknown()),
    runId: NullableText,
    createdAt: Text,
    processedAt: NullableText,
    tries: Type.Integer(),
    digestId: NullableText,
    verdict: Nullable(Type.Enum(verdictActions)),
    decidedBy: NullableText,
    reason: NullableText,
  },
  more,
)

export const RunShape = Type.Object(
  {
    id: Text,
    seq: Type.Integer(),
    taskId: NullableText,
    ticketId: Nullable(Type.Integer()),
    slot: NullableText,
    trigger: Text,
    status: Type.Enum(runStatuses),
    queuedAt: Text,
    startedAt: NullableText,
    endedAt: NullableText,
    durationMs: Nullable(Type.Integer()),
    exitCode: Nullable(Type.Integer()),
    cause: NullableText,
    output: NullableText,
    /** Where it works. */
    cwd: NullableText,
    /** When somebody said that it is to stop, and who. */
    cancelAskedAt: NullableText,
    cancelAskedBy: NullableText,
    /** Why a delegated one that is queued has not begun, or a scheduled one has not been stopped. */
    waitsFor: Type.Optional(NullableText),
    retryOf: NullableText,
    /** Which worker program: claude, codex, opencode, gemini or own. */
    worker: NullableText,
    /** Whether its success waits in review. */
    review: Nullable(Type.Boolean()),
    /** What the worker said last. */
    result: NullableText,
    model: NullableText,
    tokensIn: Nullable(Type.Integer()),
    tokensOut: Nullable(Type.Integer()),
    tokensCached: Nullable(Type.Integer()),
    costUsd: Nullable(Type.Number()),
  },
  more,
)

export const TaskShape = Type.Object(
  {
    id: Text,
    title: Text,
    kind: Text,
    cron: Text,
    timezone: Text,
    enabled: Type.Boolean(),
    present: Type.Boolean(),
    nextRunAt: NullableText,
    consecutiveFailures: Type.Integer(),
  },
  more,
)

export const AlertShape = Type.Object(
  {
    id: Type.Integer(),
    fingerprint: Text,
    severity: Type.Enum(['critical', 'normal']),
    kind: Text,
    title: Text,
    text: Text,
    itemId: Nullable(Type.Integer()),
    ticketId: Nullable(Type.Integer()),
    state: Type.Enum(alertStates),
    /** Why it waits until dueAt: quiet, mute, outage. */
    held: NullableText,
    dueAt: Text,
    occurrences: Type.Integer(),
    /** How often it was told again because it goes on. */
    repeats: Type.Integer(),
    createdAt: Text,
    lastAt: Text,
    sentAt: NullableText,
    acknowledgedAt: NullableText,
    snoozedUntil: NullableText,
    resolvedAt: NullableText,
  },
  more,
)

export const LuciStatusShape = Type.Object(
  {
    state: Type.Enum([
      'starting',
      'idle',
      'working',
      'needs_you',
      'stuck',
      'stopped',
      'offline',
      'unavailable',
    ]),
    since: Text,
    profile: Text,
    turnId: NullableText,
    asks: Nullable(PromptShape),
    queued: Type.Integer(),
    problem: NullableText,
    hint: NullableText,
    tmuxSocket: Text,
    attachCommand: Text,
    panePid: Nullable(Type.Integer()),
    found: Type.Array(Type.Object({ profile: Text, command: Text }, more)),
  },
  more,
)
