import type { ProfileName } from '../../config.ts'
import type { Usage } from '../../costs/usage.ts'
import type { Prompt, TurnOrigin } from '../../turns/turn.ts'
import type { Screen, Sight } from './screen.ts'

/** The choice that every question offers: the interrupt key. */
export const STOP = 'stop'

/** An agent program: what runs in the pane, what it takes, and how its record is read. */
export type Profile = {
  name: ProfileName
  argv: readonly string[]
  /** Beside the allow-listed environment. */
  env: Record<string, string>
  /** Names in our environment that its program needs for itself, e.g. where its model answers. */
  keeps: readonly RegExp[]
  /**
   * What is run, once the files of the session's own settings are written. `argv` and `env` alone
   * say whether a program that runs already is this one.
   */
  start(session: SessionFiles): { argv: readonly string[]; env: Record<string, string> }
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
  /**
   * Reads a full-screen program's picture. Null for one whose last line tells all, unless it turns
   * out to draw on the alternate screen: then as any unknown program's is read.
   */
  screen: ((sight: Sight) => Screen) | null
}

/** What a program's start may use; nothing of the person's own configuration is touched. */
export type SessionFiles = {
  /** Where the session's own settings are written. */
  folder: string
  cwd: string
  /** What its environment will be, but for what the profile adds. */
  env: Readonly<Record<string, string>>
  /** The file that hooks append to. */
  record: string
  /** A command (one word, a path) that appends its stdin, or its first argument, to the record as one line. */
  hook: string
  /** The standing brief: its path, and its text. */
  brief: { path: string; text: string }
  /** Her verbs as MCP tools; null while there is no credential for them. */
  mcp: { url: string; token: string } | null
  /** The conversation to go on with, by the program's own name for it; null begins one. */
  conversation: string | null
}

/** What the record says, in order. `turn` is null for what nobody sent from here. */
export type RecordEvent =
  | { type: 'received'; turn: string; evidence: string }
  | { type: 'text'; turn: string; text: string }
  /** `reply` null: what was streamed is the whole. `problem`: what a reader should know of it. */
  | {
      type: 'answered'
      turn: string
      reply: string | null
      evidence: string
      problem?: string | null
    }
  /** It seems to be over, but the program gave no proof of it. */
  | { type: 'unproved'; turn: string; reply: string; problem: string }
  | { type: 'interrupted'; turn: string; reply: string }
  | { type: 'blocked'; turn: string; prompt: Prompt }
  /** She asks; what stands on the screen says how it is answered. Also without a turn of ours. */
  | { type: 'asks'; turn: string | null; about: About }
  /** Her model's API, or she herself, gave up. */
  | { type: 'failed'; turn: string; problem: string; reply: string | null }
  /** What the turn has used by now, each call of a model: it replaces what was told before. */
  | { type: 'usage'; turn: string; calls: Usage[] }
  /** The conversation that is going on now, as `start` takes it. */
  | { type: 'conversation'; turn: null; id: string }

/** What a hook says of a question, beside what the screen shows. */
export type About = { kind: Prompt['kind'] } & Pick<Prompt, 'command' | 'folder'>

/**
 * A file of the program's own that is read beside its record. `end`: what it holds already is old;
 * `aside`: it tells nothing of how a turn goes, and takes the place of no file that does.
 */
export type Followed = { path: string; from: 'start' | 'end'; aside?: true }

/** Turns the bytes of a record into events. Each byte is fed once. */
export type Reader = {
  /** `file`: which of `follows` they are from; absent or null for the record itself. */
  feed(bytes: Uint8Array, file?: string | null): RecordEvent[]
  /** The files to read beside the record, as it stands now. */
  follows(): readonly Followed[]
  /** What stands on the screen of a full-screen program, whenever that has changed. */
  see(screen: Screen, sight: Sight): RecordEvent[]
  /** It draws pictures no more: it left the alternate screen. */
  drawsNoMore?(): void
  /** How long nothing must come before `quiet` may say more; null when it would not. */
  quietMs(): number | null
  quiet(): RecordEvent[]
  /** The turn that is about to be typed, and its text as it is typed. What the record brings until `entered` is echo. */
  begin(turn: string, typed: string): void
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
