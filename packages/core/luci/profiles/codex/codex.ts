import { plainInput } from '../../tmux-words.ts'
import type { Profile } from '../profile.ts'
import { createCodexReader } from './reader.ts'
import { codexScreen } from './screen.ts'
import { startCodex } from './start.ts'
import { isTypable, LINES_MAX } from './typable.ts'

/**
 * Codex CLI: its hooks tell that a message was received and what it wants to run, its rollout file
 * what was said and how the turn ended, its screen the rest. Written for 0.169.
 */
export const codexProfile = (): Profile => ({
  name: 'codex',
  argv: ['codex'],
  env: {},
  keeps,
  start: startCodex,
  record: 'file',
  interrupt: '1b',
  clear,
  answers: {},
  shell: null,
  compose: ({ id, origin, text }) => {
    const message = plainInput(text).trim()
    return origin !== 'digest' && isTypable(message)
      ? `[mc ${id}] ${message}`
      : // Its shell commands have no network: the tool comes first, the command is the brief's word.
        `[mc ${id}] call the tool turn_show for turn ${id} and do what it says; without that tool, run: mc turn show ${id}`
  },
  reader: () => createCodexReader(),
  screen: codexScreen,
})

/** The person's own settings of it: keys, endpoints, where its home is, how it gets out. */
const keeps = [
  /^OPENAI_/,
  /^CODEX_(?!SANDBOX)/,
  /^AZURE_OPENAI_/,
  /^OPENROUTER_API_KEY$/,
  /^AWS_(PROFILE|REGION|DEFAULT_REGION|BEARER_TOKEN_BEDROCK)$/,
  /^(HTTPS?|ALL|NO)_PROXY$/i,
  /^(SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/,
]

/**
 * Ctrl-U takes what stands before the cursor in its line, the next one the line's end; on an empty
 * input it does nothing. No more of them than our text needs: each is drawn, which takes its time.
 * (Ctrl-C would empty it at once, and end the program of an empty one.)
 */
const clear = Array(2 * LINES_MAX - 1)
  .fill('15')
  .join(' ')
