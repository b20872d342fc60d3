import type { Environment } from '@mc/core/config.ts'

const reference = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/** Settings that say where things are; everything else that is referred to counts as a secret. */
const open = new Set([
  'MC_URL',
  'MC_HOST',
  'MC_PORT',
  'MC_DATA_DIR',
  'MC_PUBLIC_URL',
  'HOME',
  'USER',
])

/** What no task may have: it could speak or sign in as Mission Control itself. */
const forbidden = new Set(['MC_TELEGRAM_TOKEN', 'MC_PASSWORD_HASH'])

export type References = {
  /** Replaces `${env:NAME}` and `${env:NAME:-otherwise}`; what is not set is noted in `missing`. */
  resolve(text: string): string
  /** The values it put in that must not be shown. */
  secrets: Set<string>
  missing: Set<string>
}

/** Resolves a task's references at the moment of its run. */
export const createReferences = (env: Environment): References => {
  const secrets = new Set<string>()
  const missing = new Set<string>()
  return {
    secrets,
    missing,
    resolve: (text) =>
      text.replace(reference, (_, name: string, otherwise: string | undefined) => {
        const value = forbidden.has(name) ? undefined : env[name] || otherwise
        if (value === undefined) {
          missing.add(name)
          return ''
        }
        if (env[name] && !open.has(name)) secrets.add(value)
        return value
      }),
  }
}

/** What is wrong with the references of a text, in words; null when nothing is. */
export const referenceProblem = (text: string): string | null => {
  for (const [, name = ''] of text.matchAll(reference))
    if (forbidden.has(name)) return `no task may have ${name}`
  const rest = text.replace(reference, '')
  // Not shown: what stands in it may be the secret itself.
  return /\$\{(?:env|secret)/.test(rest)
    ? `expected a reference such as \${env:NAME} or \${env:NAME:-otherwise}, got one that is neither`
    : null
}
