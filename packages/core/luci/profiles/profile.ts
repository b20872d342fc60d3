import type { ProfileName } from '../../config.ts'
import type { Prompt, TurnOrigin } from '../../turns/turn.ts'

/** The choice that every question offers: the interrupt key. */
export const STOP = 'stop'

/** An agent program: what runs in the pane, what it takes, and how its record is read. */
export type Profile = {
  name: ProfileName
  argv: readonly string[]
  /** Beside the allow-listed environment. */
  env: Record<string, string>
  /** The record is the program's own file, or every byte it writes to the pane. */
  record: 'file' | 'pane'
  /**
   * The text to type for a turn, or an AppError `invalid` with what the program cannot take.
   * `bracketed`: it takes several lines as one paste now; null when nobody knows yet.
   */
  compose(turn: { id: string; origin: TurnOrigin; text: string }, bracketed: boolean | null): string
  reader(): Reader
  /** Keys that stop the running turn, as hex. */
  interrupt: string
  /** Keys that empty the input and do nothing else, as hex. */
  clear: string
  /** Keys of the choices that a question of hers offers beside "stop", as hex. */
  answers: Readonly<Record<string, string>>
  /** The shell that may be typed to, because it is the program; null when it is none. */
  shell: string | null
}

/** What the record says, in order. `turn` is null for what nobody sent from here. */
export type RecordEvent =
  | { type: 'received'; turn: string; evidence: string }
  | { type: 'text'; turn: string; text: string }
  /** `reply` null: what was streamed is the whole. */
  | { type: 'answered'; turn: string; reply: string | null; evidence: string }
  | { type: 'interrupted'; turn: string; reply: string }
  | { type: 'blocked'; turn: string; prompt: Prompt }

/** Turns the bytes of a record into events. Each byte is fed once. */
export type Reader = {
  feed(bytes: Uint8Array): RecordEvent[]
  /** How long nothing must come before `quiet` may say more; null when it would not. */
  quietMs(): number | null
  quiet(): RecordEvent[]
  /** The turn that is about to be typed. What the record brings until `entered` is echo. */
  begin(turn: string): void
  entered(): void
  /** A person answered its question: what comes until the next line is echo again. */
  answered(): void
  /** The turn is over, however it ended: what comes now is nobody's. */
  ended(): void
  /** What a new record must begin with, for one who reads only that to know how things stand. */
  seed(): string
  now(): Readiness
}

export type Readiness = {
  /** The program itself says that it waits for input. */
  ready: boolean
  /** Several lines can be pasted as one; null when it is not known yet. */
  bracketed: boolean | null
  /** The last line of the screen while the input is empty. */
  prompt: string
}
