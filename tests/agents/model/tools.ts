import type { Call } from './answer.ts'
import type { Asked, JsonSchema, Tool } from './conversation.ts'

/**
 * Which of the offered tools does what we want, and how its arguments are written. Null when the
 * program offers none.
 */

const shellNames = ['Bash', 'bash', 'exec_command', 'shell_command', 'shell', 'run_shell_command']
const askNames = ['AskUserQuestion', 'question', 'ask_user', 'request_user_input']

export const shellCall = (
  { tools }: Asked,
  command: string,
  { escalated = false } = {},
): Call | null => {
  const tool = tools.find(({ name }) => shellNames.includes(name))
  if (!tool) return null
  const known = tool.parameters.properties ?? {}
  const args: Record<string, unknown> =
    'cmd' in known
      ? { cmd: command }
      : { command: typeIs(known.command, 'array') ? ['bash', '-c', command] : command }
  if ('description' in known) args.description = 'Runs the scripted command'
  // Codex runs a command in its sandbox unasked, and asks only when the model says it must leave it.
  if (escalated && 'sandbox_permissions' in known) {
    args.sandbox_permissions = 'require_escalated'
    args.justification = 'The script wants it outside the sandbox'
  }
  return { ...named(tool), args }
}

/** The tool whose name is `ending`, or ends in it after a separator (`mcp__mc__turn_show`). */
export const namedTool = ({ tools }: Asked, ending: string): Tool | null =>
  tools.find(({ name }) => name === ending) ??
  tools.find(
    ({ name }) => name.endsWith(ending) && /[_./-]/.test(name.at(-ending.length - 1) ?? ''),
  ) ??
  null

export const toolCall = (asked: Asked, ending: string, args: object): Call | null => {
  const tool = namedTool(asked, ending)
  return tool && { ...named(tool), args: { ...args } }
}

export const askCall = (
  { tools }: Asked,
  question: string,
  options: readonly string[],
): Call | null => {
  const tool = tools.find(({ name }) => askNames.includes(name))
  if (!tool) return null
  const known = tool.parameters.properties?.questions?.items?.properties ?? {}
  const one = {
    question,
    header: 'Scripted',
    options: options.map((label) => ({ label, description: `Takes ${label}` })),
    ...('multiSelect' in known ? { multiSelect: false } : {}),
    ...('id' in known ? { id: 'scripted' } : {}),
    ...('type' in known ? { type: 'choice' } : {}),
  }
  return { ...named(tool), args: { questions: [one] } }
}

const named = ({ name, namespace }: Tool) => (namespace ? { name, namespace } : { name })

const typeIs = (schema: JsonSchema | undefined, type: string): boolean =>
  schema?.type === type || (Array.isArray(schema?.type) && schema.type.includes(type))
