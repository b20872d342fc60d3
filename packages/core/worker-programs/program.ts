import { claudeProfile } from '../luci/profiles/claude/claude.ts'
import { codexProfile } from '../luci/profiles/codex/codex.ts'
import { geminiProfile } from '../luci/profiles/gemini/gemini.ts'
import { opencodeProfile } from '../luci/profiles/opencode/opencode.ts'
import { createClaudeReader } from './claude.ts'
import { createCodexReader } from './codex.ts'
import { createGeminiReader } from './gemini.ts'
import { createOpencodeReader } from './opencode.ts'
import { createOwnReader } from './own.ts'
import type { WorkerName } from './presets.ts'
import type { WorkerReader } from './reader.ts'

/** A headless program that does tickets. */
export type WorkerProgram = {
  name: WorkerName
  /** Program and arguments; `{input}` in one stands for the file with the ticket. */
  argv: readonly string[]
  /** A reader of one run's output. */
  reader: () => WorkerReader
  /** Variables of the person's environment that it needs: its keys and where it keeps things. */
  keeps: readonly RegExp[]
}

/** The variables are those that the same program is given as Luci. */
const known: Record<WorkerName, Pick<WorkerProgram, 'reader' | 'keeps'>> = {
  claude: { reader: createClaudeReader, keeps: claudeProfile().keeps },
  codex: { reader: createCodexReader, keeps: codexProfile().keeps },
  opencode: { reader: createOpencodeReader, keeps: opencodeProfile().keeps },
  gemini: { reader: createGeminiReader, keeps: geminiProfile().keeps },
  own: { reader: createOwnReader, keeps: [] },
}

/** Null: none is configured. */
export const workerProgram = (settings: {
  program: WorkerName | null
  command: readonly string[] | null
}): WorkerProgram | null =>
  settings.program === null || settings.command === null
    ? null
    : { name: settings.program, argv: settings.command, ...known[settings.program] }
