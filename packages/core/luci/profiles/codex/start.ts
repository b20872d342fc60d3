import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionFiles } from '../profile.ts'

/*
 * The session's own settings go by the command line (`-c`), which Codex keeps apart from the
 * person's configuration and writes nowhere. See docs of its config.toml.
 */

/** The MCP server's name, and the variable that its token comes by. */
const SERVER = 'mission_control'
const TOKEN = 'MC_MCP_TOKEN'

export const startCodex = (files: SessionFiles) => {
  const { conversation } = files
  return {
    argv: [
      starter(files),
      'codex',
      ...(conversation === null ? [] : ['resume', conversation]),
      // Its background server would go on with a turn whose pane is gone.
      '--no-daemon',
      ...overrides(files).flatMap((override) => ['-c', override]),
    ],
    env: {},
  }
}

/** Hands her token on by the environment: in an argument everybody on the machine could read it. */
const starter = ({ folder, mcp }: SessionFiles): string => {
  const path = join(folder, 'start-codex')
  const token = mcp ? `${TOKEN}=$(cat "$MC_CREDENTIAL") && export ${TOKEN}\n` : ''
  writeFileSync(path, `#!/bin/sh\n${token}exec "$@"\n`)
  chmodSync(path, 0o700)
  return path
}

const overrides = (files: SessionFiles): string[] => [
  `developer_instructions=${toml(`${files.brief.text}\n${inSandbox}`)}`,
  // What the screen's reader relies on: who is at work stands in the title, and nothing else does.
  'tui.terminal_title=["activity","app-name"]',
  'tui.vim_mode_default=false',
  'check_for_update_on_startup=false',
  // Gone on with in another folder than it began in, it would ask which; ours is the configured one.
  'tui.resume_cwd="current"',
  // A login shell would put the system's PATH in the place of the pane's, where our `mc` is.
  'allow_login_shell=false',
  ...hooks(files),
  ...(files.mcp ? server(files.mcp) : []),
]

const server = ({ url }: { url: string }): string[] => [
  `mcp_servers.${SERVER}.url=${toml(url)}`,
  `mcp_servers.${SERVER}.bearer_token_env_var="${TOKEN}"`,
  `mcp_servers.${SERVER}.default_tools_approval_mode="approve"`,
]

/** Hers to read beside the brief: `mc` by the shell reaches nobody from inside the sandbox. */
const inSandbox = `## In this program

Your shell commands run in a sandbox without network, so \`mc\` fails there. Use the tools of the MCP
server \`${SERVER}\` in its place: \`turn_show\` for \`mc turn show\`, \`inbox_resolve\` for \`mc inbox
resolve\`, and so on; give the turn's id as \`turn\`. For a verb that has no tool, run \`mc\` as a command
of its own, without pipes or other commands, with \`sandbox_permissions\` \`require_escalated\`.
`

/**
 * Codex runs a hook once a person has trusted it, and remembers that by its hash. Ours is trusted
 * for this session alone, by the same means; should a later version count the hash otherwise, it
 * asks the person ("Hooks need review").
 */
const hooks = ({ hook }: SessionFiles): string[] => {
  const commands = {
    UserPromptSubmit: word(hook),
    PermissionRequest: `${word(process.execPath)} ${word(permissionHook)}`,
  }
  const events = Object.entries(commands)
  const trusted = events.map(
    ([event, command]) =>
      `${toml(`/<session-flags>/config.toml:${label(event)}:0:0`)}={trusted_hash=${toml(hashOf(label(event), command))}}`,
  )
  return [
    ...events.map(
      ([event, command]) => `hooks.${event}=[{hooks=[{type="command",command=${toml(command)}}]}]`,
    ),
    `hooks.state={${trusted.join(',')}}`,
  ]
}

const permissionHook = join(import.meta.dirname, 'permission-hook.ts')

const label = (event: string): string => event.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase()

/** Keys in the order of the alphabet, as Codex sorts them before it counts. */
const hashOf = (event: string, command: string): string => {
  const hook = { async: false, command, timeout: 600, type: 'command' }
  const identity = JSON.stringify({ event_name: event, hooks: [hook] })
  return `sha256:${createHash('sha256').update(identity).digest('hex')}`
}

/** A TOML basic string; JSON's escapes are among its own. */
const toml = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
