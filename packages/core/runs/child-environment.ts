import { delimiter, dirname, join } from 'node:path'
import type { Environment } from '../config.ts'

/** All that a child inherits; no setting and no secret of ours is among it. */
const inherited = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_CACHE_HOME',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
]

/**
 * The environment of a task's or worker's program: an allow-list of ours, then what it was given.
 * PATH begins with our own Node and the project's commands, so that `node` and `mc` mean ours.
 */
export const childEnvironment = (
  from: Environment,
  root: string,
  own: Record<string, string> = {},
): Record<string, string> => {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && (inherited.includes(name) || name.startsWith('LC_')))
      env[name] = value
  env.PATH = [
    dirname(process.execPath),
    join(root, 'node_modules', '.bin'),
    from.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  ].join(delimiter)
  return { ...env, ...own }
}
