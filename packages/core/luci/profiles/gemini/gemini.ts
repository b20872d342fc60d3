import type { Profile } from '../profile.ts'
import { composeTyped } from './compose.ts'
import { createGeminiReader } from './reader.ts'
import { readScreen } from './screen.ts'
import { sessionSettings } from './settings.ts'

/**
 * Gemini CLI in the pane. Its hooks tell when a turn begins and ends and every piece of an answer
 * as it comes; the transcript it keeps says how the turn ended.
 */
export const geminiProfile = (): Profile => ({
  name: 'gemini',
  argv: ['gemini'],
  env: {},
  keeps,
  start: (files) => {
    const goOn = files.conversation === null ? [] : ['--resume', files.conversation]
    return { argv: ['gemini', ...goOn], env: sessionSettings(files) }
  },
  record: 'file',
  compose: composeTyped,
  reader: createGeminiReader,
  interrupt: '1b',
  clear,
  answers: {},
  shell: null,
  screen: readScreen,
})

/** Its key and endpoint, its own switches, the way to the network. */
const keeps = [
  /^GEMINI_(?!CLI$|CLI_IDE_)/,
  /^GOOGLE_/,
  /^CLOUDSDK_/,
  /^CLOUD_ML_REGION$/,
  /^(https?|no|all)_proxy$/i,
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/,
]

/**
 * Ctrl-U and Backspace, line by line up to the first, then Ctrl-K to the last. Ctrl-C would empty
 * the input at once, but twice on an empty one ends the program, and so does Ctrl-D.
 */
const LINES = 8
const clear = [...Array(LINES).fill('15 7f'), ...Array(LINES).fill('0b')].join(' ')
