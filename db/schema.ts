import type { Generated, GeneratedAlways } from 'kysely'

/**
 * The tables, as types. Times are text: SQLite's own `YYYY-MM-DD HH:MM:SS[.mmm]` (UTC) in
 * `orchestrator_inbox`, ISO-8601 (UTC) everywhere else. JSON is text, booleans are 0 and 1,
 * so that SQLite and Postgres read alike.
 */
export interface Schema {
  orchestrator_inbox: OrchestratorInboxTable
  tickets: TicketsTable
  ticket_events: TicketEventsTable
  ticket_links: TicketLinksTable
  turns: TurnsTable
  tasks: TasksTable
  runs: RunsTable
  run_totals: RunTotalsTable
  turn_totals: TurnTotalsTable
  alert_totals: AlertTotalsTable
  digests: DigestsTable
  verdicts: VerdictsTable
  item_days: ItemDaysTable
  items_counted: ItemsCountedTable
  webhook_events: WebhookEventsTable
  effects: EffectsTable
  alerts: AlertsTable
  alert_events: AlertEventsTable
  alert_deliveries: AlertDeliveriesTable
  mutes: MutesTable
  corrections: CorrectionsTable
  workers: WorkersTable
  credentials: CredentialsTable
  settings: SettingsTable
  idempotency_keys: IdempotencyKeysTable
  proposals: ProposalsTable
  acts: ActsTable
  autonomy_events: AutonomyEventsTable
  questions: QuestionsTable
  usage_days: UsageDaysTable
  search_cursors: SearchCursorsTable
  telegram_buttons: TelegramButtonsTable
  telegram_outgoing: TelegramOutgoingTable
  telegram_turns: TelegramTurnsTable
  telegram_asks: TelegramAsksTable
  attachments: AttachmentsTable
}

/** A public contract: the first nine columns are the proposal's, to the letter, and never change. */
export interface OrchestratorInboxTable {
  id: Generated<number>
  source_type: string
  source_id: string | null
  message: string
  priority: Generated<string | null>
  status: Generated<string | null>
  created_at: Generated<string | null>
  processed_at: string | null
  claim_expires_at: string | null
  /** What happened: ok, failed, auth, timeout, missed, skipped, interrupted, self_heal, … */
  kind: string | null
  fingerprint: string | null
  /** JSON object: task, exit code, duration, excerpt, whatever the poster knows. */
  detail: string | null
  run_id: string | null
  claimed_by: string | null
  /** When it was taken last. */
  claimed_at: string | null
  /** Leases that expired on it so far. */
  tries: Generated<number | null>
  digest_id: string | null
  /** The settled verdict: silent, ticket, alert, alert+ticket. */
  verdict: string | null
  /** rule:<name>, luci, fallback, or person. */
  decided_by: string | null
  reason: string | null
}

export interface TicketsTable {
  id: Generated<number>
  title: string
  body: string
  status: string
  resolution: string | null
  priority: string
  labels: string
  source: string
  fingerprint: string | null
  parent_id: number | null
  /** How often the same trouble came in while this ticket was open. */
  occurrences: Generated<number>
  /** Grows by one with every change; an edit of an older version is a conflict. */
  version: Generated<number>
  created_at: string
  updated_at: string
  closed_at: string | null
  /** The day it is due, `2026-12-01`; null when it is not. */
  due: string | null
  /** person, luci or worker; null: nobody was named. */
  does: string | null
  /** low, medium or high; null: nobody said. */
  risk: string | null
  /** Where its worker works; null: the folder of all workers. */
  folder: string | null
  /** 1: a worker's success waits in review, 0: it is done with it. */
  review: number | null
  proposal_id: string | null
  handed_at: string | null
}

export interface TicketEventsTable {
  id: GeneratedAlways<number>
  ticket_id: number
  at: string
  actor: string
  kind: string
  body: string | null
  before: string | null
  after: string | null
}

export interface TicketLinksTable {
  ticket_id: number
  blocked_by_id: number
}

export interface TurnsTable {
  /** Random, six hex digits: what stands in `[mc 7f3a9c]`. */
  id: string
  /** The order of the thread. */
  seq: GeneratedAlways<number>
  origin: string
  author: string | null
  text: string
  state: string
  reply: Generated<string>
  /** Why it ended as it did, in words a person can read. Null while all is well. */
  problem: string | null
  /** JSON: what the agent itself gave as proof of each step. */
  evidence: string | null
  /** JSON: the open prompt while the state is blocked. */
  prompt: string | null
  digest_id: string | null
  profile: string | null
  conversation: string | null
  tokens_in: number | null
  tokens_out: number | null
  tokens_cached: number | null
  cost_usd: number | null
  model: string | null
  created_at: string
  /** When a person said that it goes before all others that wait. */
  put_first_at: string | null
  typed_at: string | null
  received_at: string | null
  answering_at: string | null
  ended_at: string | null
}

export interface TasksTable {
  id: string
  /** JSON: the task as the file has it. */
  definition: string
  /** 0 once it left the file; its history stays. */
  present: number
  next_run_at: string | null
  last_slot: string | null
  paused_at: string | null
  paused_until: string | null
  paused_reason: string | null
  paused_by: string | null
  /** A person asked for a run now. Cleared in the transaction that starts it. */
  run_requested_at: string | null
  run_requested_by: string | null
  consecutive_failures: Generated<number>
  consecutive_skips: Generated<number>
  /** Fingerprint of the last failure and how often it came in a row. */
  last_fingerprint: string | null
  same_fingerprint: Generated<number>
  /** Start of the present row of failures; null after a success. */
  failing_since: string | null
  updated_at: string
}

export interface RunsTable {
  id: string
  seq: GeneratedAlways<number>
  /** Null for a delegated ticket. */
  task_id: string | null
  /** Null for a scheduled run. */
  ticket_id: number | null
  /** The fire it stands for, UTC; null for a manual or delegated run. */
  slot: string | null
  /** The first of several fires that a missed or skipped run stands for, and how many. */
  first_slot: string | null
  slots: Generated<number>
  /** schedule, catch_up, manual, delegate. */
  trigger: string
  requested_by: string | null
  /** queued, running, then one end: ok, failed, auth, timeout, missed, skipped, interrupted, could_not_start, cancelled. */
  status: string
  attempts: Generated<number>
  /** JSON argv or request line, redacted: what was run. */
  command: string | null
  cwd: string | null
  worker_id: string | null
  beat_at: string | null
  pid: number | null
  /** From the kernel, so that a reused pid is never killed. */
  process_started: string | null
  queued_at: string
  started_at: string | null
  ended_at: string | null
  duration_ms: number | null
  exit_code: number | null
  signal: string | null
  /** In words: why it failed. */
  cause: string | null
  fingerprint: string | null
  /** Redacted, stripped of control characters. */
  output: string | null
  output_dropped_bytes: number | null
  cancel_asked_at: string | null
  cancel_asked_by: string | null
  /** The run that this one tries again. */
  retry_of: string | null
  /** Which worker program: claude, codex, opencode, gemini or own. */
  worker: string | null
  /** 1: its success waits in review, 0: its ticket is done with it. */
  review: number | null
  /** What the worker said last, redacted; still untrusted text. */
  result: string | null
  model: string | null
  tokens_in: number | null
  tokens_out: number | null
  tokens_cached: number | null
  cost_usd: number | null
}

/** Runs that were kept long enough and are gone: how many of each end. */
export interface RunTotalsTable {
  /** Empty for delegated tickets. */
  task_id: string
  status: string
  runs: number
  slots: number
  /** Of all of them together. */
  duration_ms: number
  /** When the last of them ended. */
  until: string
}

/** Turns that are gone, by the day they began. */
export interface TurnTotalsTable {
  day: string
  origin: string
  state: string
  turns: number
  tokens_in: number
  tokens_out: number
}

/** Alerts that are gone, by the day they were raised; `occurrences` of them together. */
export interface AlertTotalsTable {
  day: string
  severity: string
  kind: string
  state: string
  alerts: number
  occurrences: number
}

export interface DigestsTable {
  id: string
  /** open, sealed, settled. */
  state: string
  opened_at: string
  /** The moment after which it is sent even if nothing more comes. */
  due_at: string
  sealed_at: string | null
  turn_id: string | null
  verdict_deadline: string | null
  nudged_at: string | null
  settled_at: string | null
  text: string | null
  /** answered or silent; null while it is open and when nobody can tell (see digest/breaker.ts). */
  outcome: string | null
}

/** What Luci (or a person) said of an item of a digest. Pickup reads, performs and settles. */
export interface VerdictsTable {
  item_id: number
  digest_id: string
  action: string
  reason: string
  decided_by: string
  at: string
  /** When pickup did what it says; null while it has not. */
  performed_at: string | null
}

/** What was already done for an item, so that a repeat does nothing. */
export interface EffectsTable {
  item_id: number
  /** ticket or alert. */
  effect: string
  /** The ticket's or alert's id. */
  ref: string
  at: string
  /** filed, counted or reopened; raised or counted. Null when it was done before this was noted. */
  how?: string | null
}

export interface AlertsTable {
  id: Generated<number>
  fingerprint: string
  /** critical, normal. */
  severity: string
  kind: string
  title: string
  text: string
  item_id: number | null
  ticket_id: number | null
  /** queued, sending, sent, acknowledged, snoozed, resolved, expired, undelivered. */
  state: string
  occurrences: Generated<number>
  created_at: string
  /** Not to be sent before. */
  due_at: string
  tries: Generated<number>
  last_error: string | null
  sending_until: string | null
  sent_at: string | null
  channel_ref: string | null
  acknowledged_at: string | null
  acknowledged_by: string | null
  snoozed_until: string | null
  resolved_at: string | null
  /** Why it waits until due_at: quiet (hours), mute, outage. Null when nothing holds it back. */
  held: string | null
  /** When the trouble was last reported. */
  last_at: string | null
  /** How often it was told again because it goes on. */
  repeats: Generated<number>
}

/** What happened to an alert, append-only: raised, acknowledged, snoozed, woke, … */
export interface AlertEventsTable {
  id: GeneratedAlways<number>
  alert_id: number
  at: string
  kind: string
  actor: string | null
  detail: string | null
}

/** An alert's part in one message to one channel. */
export interface AlertDeliveriesTable {
  id: GeneratedAlways<number>
  alert_id: number
  /** Random; the alerts that went together share it. */
  message: string
  /** telegram, webhook, email. */
  channel: string
  /** sending, sent, failed. */
  state: string
  /** Of the last try. */
  at: string
  tries: Generated<number>
  /** 1: it may have arrived before, and says so. */
  repeated: Generated<number>
  /** The message's id at the channel. */
  ref: string | null
  error: string | null
}

/** What a person does not want to hear for a while: one trouble, or (null) all but the urgent. */
export interface MutesTable {
  id: GeneratedAlways<number>
  fingerprint: string | null
  until: string
  reason: string | null
  by: string
  created_at: string
  ended_at: string | null
  ended_by: string | null
}

export interface CorrectionsTable {
  id: GeneratedAlways<number>
  item_id: number
  verdict: string
  right_verdict: string
  by: string
  note: string | null
  at: string
  /** Whose decision it was before anybody corrected it, and why. */
  decided_by: string | null
  reason: string | null
  /** When the same person said something else of the item; null for what stands. */
  superseded_at: string | null
}

/** How many items were settled on a day, by where they came from and who decided what. */
export interface ItemDaysTable {
  /** `YYYY-MM-DD` on this machine's clock. */
  day: string
  source_type: string
  /** Empty where there was none, as in the next three. */
  source_id: string
  kind: string
  verdict: string
  decided_by: string
  items: number
}

/** The last item of each end that is in `item_days`. */
export interface ItemsCountedTable {
  status: string
  processed_at: string
  item_id: number
}

/** An event of a webhook, by who sent it and which it is: the same one again is counted. */
export interface WebhookEventsTable {
  key: string
  item_id: number
  times: number
  first_at: string
  last_at: string
}

export interface WorkersTable {
  /** api, scheduler, pickup; on Postgres several may share a name. */
  id: string
  name: string
  pid: number
  host: string
  started_at: string
  beat_at: string
  doing: string
  /** Set when it said goodbye: it is gone, but not missing. */
  stopped_at: string | null
}

export interface CredentialsTable {
  id: string
  /** sign_in, browser, cli, agent, webhook. */
  kind: string
  /** SHA-256, hex. The secret itself is never stored. */
  hash: string
  label: string | null
  /** Of a webhook: what its payloads look like (alertmanager, github, …). */
  shape: string | null
  created_at: string
  expires_at: string | null
  used_at: string | null
  revoked_at: string | null
  /** Of a browser: when it was seen last (within a minute), and its User-Agent. */
  seen_at: string | null
  agent: string | null
}

export interface SettingsTable {
  name: string
  /** JSON. */
  value: string
  set_by: string
  set_at: string
}

export interface IdempotencyKeysTable {
  key: string
  request_hash: string
  status: number | null
  response: string | null
  created_at: string
}

export interface ProposalsTable {
  /** Random, six hex digits. */
  id: string
  /** Their order. */
  seq: GeneratedAlways<number>
  turn_id: string | null
  /** Of the turn it was made in. */
  origin: string
  title: string
  /** JSON: what was proposed, see core/proposals/proposal.ts. Never changed. */
  content: string
  state: string
  /** Grows by one with every change; a decision about an older version is a conflict. */
  version: Generated<number>
  /** The item of a digest it is for. */
  item_id: number | null
  /** The one it is the answer to changes of. */
  replaces: string | null
  /** JSON: the exact content that a person accepted. */
  accepted: string | null
  /** What changes a person asked for. */
  asked: string | null
  /** The turn that told Luci so. */
  asked_turn_id: string | null
  /** JSON: how the person edited it when they asked. */
  asked_content: string | null
  /** Why it waits, or was carried out at once. */
  reason: string | null
  /** The ticket that those filed are parts of. */
  parent_id: number | null
  created_at: string
  decided_at: string | null
  decided_by: string | null
}

/** One thing Luci wanted to do, and what became of it: the record that trust is given on. */
export interface ActsTable {
  id: GeneratedAlways<number>
  class: string
  proposal_id: string | null
  /** Its name in the proposal. */
  step: string | null
  turn_id: string | null
  title: string
  /** proposed, then one end: see core/acts/act.ts. */
  state: string
  /** 1: done by her without asking, as its class was trusted. */
  at_once: number
  /** What came of it: MC-7, a run's id, an alert's id. */
  ref: string | null
  /** JSON: what taking it back needs to know. */
  before: string | null
  created_at: string
  decided_at: string | null
  decided_by: string | null
  /** undone or wrong; null: nobody objected. */
  correction: string | null
  corrected_at: string | null
  corrected_by: string | null
  note: string | null
  /** When it was taken back. */
  undone_at: string | null
}

/** What was unlocked, locked again, paused and resumed; append-only. */
export interface AutonomyEventsTable {
  id: GeneratedAlways<number>
  at: string
  /** Null: all of them. */
  class: string | null
  /** See core/trust/history.ts. */
  kind: string
  by: string
  reason: string | null
}

/** What Luci asks a person. */
export interface QuestionsTable {
  id: GeneratedAlways<number>
  turn_id: string | null
  text: string
  /** JSON array of texts; may be empty. */
  options: string
  /** open, answered, withdrawn, expired. */
  state: string
  answer: string | null
  answered_by: string | null
  /** page, telegram or cli. */
  answered_via: string | null
  /** The turn that carries the answer to her. */
  answer_turn_id: string | null
  created_at: string
  expires_at: string | null
  answered_at: string | null
}

/** Tokens and money of a UTC day. */
export interface UsageDaysTable {
  day: string
  kind: string
  times: Generated<number>
  tokens_in: Generated<number>
  tokens_out: Generated<number>
  tokens_cached: Generated<number>
  cost_usd: Generated<number>
  unpriced: Generated<number>
}

/** A file that a person gave with a message or ticket; without either it was not sent yet. */
export interface AttachmentsTable {
  id: string
  name: string
  /** Below the folder of attachments. */
  file: string
  media_type: string
  bytes: number
  created_at: string
  turn_id: string | null
  ticket_id: number | null
}

/** A button under a Telegram message: what it does, once, until when. */
export interface TelegramButtonsTable {
  /** Random; what the button carries. */
  token: string
  chat_id: string
  /** All buttons under one message. */
  keyboard: string
  /** Its row there, times a hundred, and its place in the row. */
  place: number
  label: string
  /** What it is about: done with one of them is done with all. */
  about: string
  /** JSON: see telegram/buttons.ts. */
  action: string
  expires_at: string
  used_at: string | null
  /** In words: what was done, by whom. */
  outcome: string | null
}

/** What we say at Telegram beside alerts: written with what it answers, sent after. */
export interface TelegramOutgoingTable {
  id: Generated<number>
  chat_id: string
  html: string
  /** JSON: rows of buttons. */
  buttons: string | null
  /** The message that it answers. */
  reply_to: number | null
  /** Changes that message of ours instead of being a new one, */
  edits_message: number | null
  /** or the one that was sent for that row. */
  edits_row: number | null
  /** Arrives without a sound. */
  silent: Generated<number>
  /** `turn:7f3a9c`, `ask:…`, `alerts:12,13`: what it tells of. */
  about: string | null
  /** queued, sending, sent, dropped. */
  state: string
  tries: Generated<number>
  created_at: string
  sent_at: string | null
  message_id: number | null
  last_error: string | null
}

/** A message of a person that is a turn, and whose reply goes back to it. */
export interface TelegramTurnsTable {
  turn_id: string
  chat_id: string
  message_id: number
  created_at: string
  replied_at: string | null
}

/** A question of Luci that was told at Telegram. */
export interface TelegramAsksTable {
  prompt_id: string
  turn_id: string | null
  outgoing_id: number
  created_at: string
  closed_at: string | null
  /** In words: who chose what; null while nobody here did. */
  outcome: string | null
}

/** How far the words of a noun are kept for the search. */
export interface SearchCursorsTable {
  noun: string
  at: string
}
