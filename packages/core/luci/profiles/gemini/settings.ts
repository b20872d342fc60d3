import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionFiles } from '../profile.ts'
import { linkHome } from './home.ts'
import { chosenAuth, readPersonSettings, type Settings } from './person-settings.ts'

/*
 * What Gemini CLI is told for this session alone. It takes hooks and MCP servers from settings
 * files only, and those of a machine only from folders of root. So the session has a home of its
 * own: its settings are the person's with ours added, all else there leads to the person's files
 * (home.ts). The folder must be trusted, or the program runs no hook of any settings.
 */

/** Beside GEMINI.md, whatever names the person's settings give to such files. */
const BRIEF = 'MISSION-CONTROL.md'

/**
 * Writes the session's home. Returns the variable that names it. Throws `unavailable` for settings
 * of the person's that the program would not take either.
 */
export const sessionSettings = (files: SessionFiles): Record<string, string> => {
  const home = join(files.folder, 'gemini')
  const folder = join(home, '.gemini')
  const person = files.env.GEMINI_CLI_HOME ?? files.env.HOME ?? '/'
  linkHome(home, person)
  // A context file of the program's home is part of its system prompt: it outlives compaction.
  writeFileSync(join(folder, BRIEF), files.brief.text)
  const policy = join(home, 'policy.toml')
  writeFileSync(policy, policyText)
  const settings = settingsOf(files, readPersonSettings(join(person, '.gemini', 'settings.json')), {
    policies: [join(folder, 'policies'), policy],
    auth: chosenAuth(join(folder, 'settings.json')),
  })
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, null, 2), { mode: 0o600 })
  return { GEMINI_CLI_HOME: home }
}

/**
 * One plain call of `mc`, up to the quote that ends it in the call's JSON: nothing that a shell
 * gives a meaning, within quotes or not. The program looks at each command of a list by itself, and
 * not at what is set between two; and it takes no expression with a repetition in a repetition.
 */
export const plainMcInJson = 'mc(?:"| [^"\\\\;&|<>$`{}*?!#~(\\n)]*")'

const policyText = `# Written by Mission Control at each start, for its own session.
[[rule]]
toolName = "run_shell_command"
commandRegex = '''${plainMcInJson}'''
decision = "allow"
priority = 900
`

/** The person's settings with ours added. Theirs win, but for what nothing would be heard without. */
export const settingsOf = (
  { mcp, ...files }: Pick<SessionFiles, 'hook' | 'record' | 'mcp'>,
  person: Settings,
  { policies, auth }: { policies: readonly string[]; auth: string | null },
): Settings => {
  const [theirs = '', ours = ''] = policies
  const names = [person.context?.fileName ?? 'GEMINI.md'].flat()
  // Whose hooks are switched off keeps them so; ours are on.
  const hooks = person.hooksConfig?.enabled === false ? {} : (person.hooks ?? {})
  return {
    ...person,
    security: { ...person.security, ...authOf(person, auth) },
    context: { ...person.context, fileName: [...names, BRIEF] },
    // Ours run at every piece of an answer; that is nothing to look at.
    hooksConfig: { notifications: false, ...person.hooksConfig, enabled: true },
    hooks: joined(hooks, hooksOf(files)),
    mcpServers: { ...person.mcpServers, ...(mcp ? serverOf(mcp) : {}) },
    policyPaths: [...(person.policyPaths ?? [theirs]), ours],
  }
}

const authOf = ({ security }: Settings, chosen: string | null) =>
  chosen && !security?.auth?.selectedType
    ? { auth: { ...security?.auth, selectedType: chosen } }
    : {}

/** Its tools alone are called without a question. */
const serverOf = ({ url, token }: { url: string; token: string }) => ({
  'mission-control': {
    httpUrl: url,
    headers: { Authorization: `Bearer ${token}` },
    trust: true,
  },
})

const hooksOf = ({ hook, record }: Pick<SessionFiles, 'hook' | 'record'>) => {
  const told = ['SessionStart', 'BeforeAgent', 'AfterAgent', 'Notification', 'SessionEnd']
  return {
    ...Object.fromEntries(told.map((event) => [event, entryOf(word(hook))])),
    AfterModel: entryOf(`LC_ALL=C exec awk ${word(withoutRequest)} >> ${word(record)}`),
  }
}

/** Another Gemini CLI that she runs in a command of hers has these settings too; it is not heard. */
const entryOf = (told: string): unknown[] => {
  const command = `[ -n "\${GEMINI_CLI:-}" ] || ${told}`
  return [{ hooks: [{ type: 'command', name: 'mission-control', command, timeout: 10_000 }] }]
}

/**
 * Each piece of an answer comes with the whole request it answers, all of the conversation. That
 * is cut out; in a JSON text this can be no other comma and quote than the structure's own. The
 * program waits for it at every piece, so it is one process and no more.
 */
const withoutRequest =
  '{ sub(/,"llm_request":[{].*[}],"llm_response":[{]/, ",\\"llm_response\\":{"); print }'

const joined = (
  one: Record<string, unknown[]>,
  other: Record<string, unknown[]>,
): Record<string, unknown[]> => {
  const all = { ...one }
  for (const [event, entries] of Object.entries(other))
    all[event] = [...(all[event] ?? []), ...entries]
  return all
}

const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
