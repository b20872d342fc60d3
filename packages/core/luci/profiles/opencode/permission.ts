import { isPlainMc } from '../plain-mc.ts'

/* What may run without asking: pure, and run inside OpenCode, so it needs nothing but its like. */

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
 * Whether a command runs `mc` and is more than that one call: OpenCode's rules look at each command
 * in it by itself, and see neither where its output goes, nor what is set before it, nor what stands
 * around it. Which of all that is harmless is not for us to find out.
 */
export const doesMoreThanMc = (command: string): boolean =>
  runsMc.test(command) && !isPlainMc(command.trim())

/** `mc` as a word where a command may stand, or in quotes that may hold one. */
const runsMc =
  /(?:^|[;&|({`\n!"']|\b(?:do|then|else|elif|if|while|until|time|coproc|exec|env|eval|command|builtin|nohup|xargs|sudo)\b)\s*(?:\w+=\S*\s+)*mc(?=[\s;&|)}`"'<>]|$)/
