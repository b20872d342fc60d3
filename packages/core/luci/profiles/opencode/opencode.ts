import type { Profile } from '../profile.ts'
import { composeTyped } from './compose.ts'
import { createReader } from './reader.ts'
import { readScreen } from './screen.ts'
import { settingsOf } from './settings.ts'

/** Escape as a key of its own: two plain ones in a row would be Alt-Escape. */
const ESCAPE = '1b 5b 32 37 75'

const SHIFT_END = '1b 5b 31 3b 32 46'
const SHIFT_HOME = '1b 5b 31 3b 32 48'
const BACKSPACE = '7f'

/** OpenCode in the pane; a plugin of ours in it keeps the record (plugin.ts). */
export const opencodeProfile = (): Profile => ({
  name: 'opencode',
  argv: ['opencode'],
  env: {},
  // Not the switch that would start it without plugins, and so without ours.
  keeps: [
    /^OPENCODE_(?!PURE$)/,
    /^XDG_/,
    /^(?:https?|no|all)_proxy$/i,
    /^NODE_EXTRA_CA_CERTS$/,
    ...providers,
  ],
  start: (files) => ({
    argv: ['opencode', ...(files.conversation ? ['--session', files.conversation] : [])],
    env: settingsOf(files),
  }),
  record: 'file',
  // The first asks whether it is meant; where she asks for leave, it is refused with one.
  interrupt: `${ESCAPE} ${ESCAPE}`,
  // What is selected up to its end goes, then what is selected up to its beginning.
  clear: `${SHIFT_END} ${BACKSPACE} ${SHIFT_HOME} ${BACKSPACE}`,
  answers: {},
  shell: null,
  screen: readScreen,
  compose: composeTyped,
  reader: createReader,
})

/** Keys and addresses of the models' APIs. */
const providers = [
  /^(?:ANTHROPIC|OPENAI|OPENROUTER|GEMINI|GOOGLE|GROQ|XAI|MISTRAL|DEEPSEEK|AZURE|AWS|CLOUDFLARE|GITHUB|HF|OLLAMA|TOGETHER|FIREWORKS|CEREBRAS|VERTEX)_/,
]
