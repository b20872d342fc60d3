/* What may run without asking: pure, and run inside OpenCode, so it needs nothing else. */

type Rules = Record<string, unknown>
export type Configured = { permission?: unknown; agent?: unknown }

/** Her verbs as MCP tools are named after their server. */
export const MCP_SERVER = 'mc'

/**
 * Rules of the person's with `mc` allowed at their end: the last that matches decides, so whatever
 * they say of anything else still holds. `bas?` is another word for `bash`, whose own entry keeps
 * its place and what it says. Where they say nothing of commands at all, they are asked.
 */
export const mcAllowed = (permission: unknown): Rules => {
  const theirs = rulesOf(permission)
  const said = 'bash' in theirs || '*' in theirs
  return { ...(said ? {} : { bash: 'ask' }), ...theirs, ...onlyMc }
}

/** The same for the agents (build, plan, the person's own) that have rules for themselves. */
export const mcAllowedFor = (agents: unknown): void => {
  if (!isRules(agents)) return
  for (const agent of Object.values(agents))
    if (isRules(agent) && agent.permission !== undefined)
      agent.permission = { ...rulesOf(agent.permission), ...onlyMc }
}

const onlyMc: Rules = { 'bas?': { mc: 'allow', 'mc *': 'allow' }, [`${MCP_SERVER}_*`]: 'allow' }

const rulesOf = (permission: unknown): Rules => {
  if (isRules(permission)) return permission
  return typeof permission === 'string' ? { '*': permission } : {}
}

const isRules = (value: unknown): value is Rules => typeof value === 'object' && value !== null

/**
 * Whether a command that would run unasked, because all it runs is `mc`, does more than that:
 * OpenCode's rules see neither where its output goes nor what is set before it.
 */
export const doesMoreThanMc = (command: string): boolean => {
  const bare = command
    .replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs, 'x')
    // The lines of a here-document are no commands.
    .replace(/(<<-?[^\n]*)\n.*$/s, '$1')
  const outputs = [...bare.matchAll(output)].map(([, target = '']) => target)
  const steps = bare.replace(output, ' ').split(/[;&|\n]+/)
  const words = steps.map((step) => step.trim().split(/\s/, 1)[0] ?? '').filter(Boolean)
  if (!words.includes('mc')) return false
  const sets = words.filter((word) => /^(?:export|declare|typeset|readonly|local)$|=/.test(word))
  const unasked = words.every((word) => word === 'mc' || sets.includes(word))
  return unasked && (sets.length > 0 || outputs.some((target) => !harmless.test(target)))
}

const output = /(?:&>>?|\d*>>?\|?)\s*(&\d|[^\s;&|]+)?/g
const harmless = /^(?:&\d|\/dev\/null)$/
