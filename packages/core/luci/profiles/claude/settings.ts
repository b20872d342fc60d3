import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionFiles } from '../profile.ts'
import { hookNames } from './hooks.ts'

/** The name of Mission Control's tools in the program: `mcp__mission-control__turn_show`. */
const SERVER = 'mission-control'

/** Writes the session's own settings and says how the program is told of them. */
export const writeSettings = (files: SessionFiles): string[] => {
  const settings = write(files, 'claude-settings.json', settingsOf(files))
  const tools = files.mcp && write(files, 'claude-mcp.json', toolsOf(files.mcp))
  return [
    ...['--settings', settings],
    ...['--append-system-prompt-file', files.brief.path],
    // Else a conversation that goes on keeps the brief that it began with.
    ...['--system-prompt-snapshot', 'off'],
    ...(tools ? ['--mcp-config', tools] : []),
    ...(files.conversation ? ['--resume', files.conversation] : []),
  ]
}

/** They are added to the person's own, and end with the session. */
const settingsOf = ({ hook }: SessionFiles) => ({
  hooks: Object.fromEntries(
    hookNames.map((name) => [
      name,
      [{ ...matchers[name], hooks: [{ type: 'command', command: word(hook) }] }],
    ]),
  ),
  permissions: {
    allow: ['Bash(mc:*)', `mcp__${SERVER}`],
    // Its own default lets a model decide what a person should be asked.
    defaultMode: 'default',
  },
  // A suggestion in the input costs a request each, and is nobody's words.
  promptSuggestionEnabled: false,
  // A person may have set these otherwise, and we could not drive her then.
  disableAllHooks: false,
  editorMode: 'normal',
  emojiCompletionEnabled: false,
  showTurnDuration: true,
})

/** Asking is a tool of its own, and the only one whose every use we must know of. */
const matchers: Partial<Record<string, { matcher: string }>> = {
  PreToolUse: { matcher: 'AskUserQuestion' },
}

const toolsOf = ({ url, token }: NonNullable<SessionFiles['mcp']>) => ({
  mcpServers: {
    [SERVER]: {
      type: 'http',
      url,
      headers: { Authorization: `Bearer ${token}` },
      // It waits for them at its start; else a message that comes at once finds her without.
      alwaysLoad: true,
    },
  },
})

/** For the owner's eyes alone: a credential may stand in it. */
const write = ({ folder }: SessionFiles, name: string, content: object): string => {
  const path = join(folder, name)
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  return path
}

/** Hooks are run by a shell. */
const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
