import type { Profile } from '../profile.ts'
import { composeForClaude } from './compose.ts'
import { createClaudeReader } from './reader.ts'
import { claudeScreen } from './screen.ts'
import { writeSettings } from './settings.ts'

const PROGRAM = ['claude']

/**
 * Its subagents work in the background by default: the turn ends with "I have begun", and what they
 * found is said when no turn of ours is there to hold it. Without a background the turn waits for
 * them, and its reply is whole. Who has set it otherwise for her keeps that.
 */
const NO_BACKGROUND = 'CLAUDE_CODE_DISABLE_BACKGROUND_TASKS'

/** Claude Code: hooks and transcript tell what happens, the screen what it asks. */
export const claudeProfile = (): Profile => ({
  name: 'claude',
  argv: PROGRAM,
  env: {},
  keeps: [
    /^ANTHROPIC_/,
    // Where and how it runs; not what tells it that it runs inside itself.
    /^CLAUDE_(?:CONFIG_DIR|ENV_FILE)$/,
    /^CLAUDE_CODE_(?:API|CERT|CLIENT|DISABLE|EFFORT|ENABLE|MAX|OAUTH|SHELL|SKIP|SUBAGENT|USE)_?\w*$/,
    /^DISABLE_/,
    /^(?:API_TIMEOUT_MS|MAX_\w+|BASH_\w+_(?:MS|LENGTH)|MCP_\w*TIMEOUT|NODE_EXTRA_CA_CERTS)$/,
    /^(?:https?|all|no)_proxy$/i,
    /^(?:AWS|GOOGLE|CLOUD_ML|VERTEX)_/,
  ],
  start: (files) => ({
    argv: [...PROGRAM, ...writeSettings(files)],
    env: { [NO_BACKGROUND]: files.env[NO_BACKGROUND] ?? '1' },
  }),
  record: 'file',
  compose: composeForClaude,
  reader: createClaudeReader,
  interrupt: '1b',
  // It deletes a row of the input at a time, and nothing once that is empty.
  clear: Array.from({ length: 40 }, () => '15').join(' '),
  answers: {},
  shell: null,
  screen: claudeScreen,
})
