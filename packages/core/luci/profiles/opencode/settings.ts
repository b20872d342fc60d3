import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '../../../errors.ts'
import type { SessionFiles } from '../profile.ts'
import { MCP_SERVER } from './permission.ts'

/** Where OpenCode takes settings from that are for one session, beside all of the person's own. */
const CONTENT = 'OPENCODE_CONFIG_CONTENT'

/**
 * The session's own settings as an environment variable: our plugin, the standing brief and the
 * MCP server. Lists are joined with the person's own. The token lies in a file that the settings
 * name, since environments can be seen in the list of processes.
 */
export const settingsOf = ({ folder, brief, mcp, env }: SessionFiles): Record<string, string> => {
  const theirs = theirSettings(env[CONTENT])
  const token = join(folder, 'opencode-token')
  if (mcp) writeFileSync(token, mcp.token, { mode: 0o600 })
  const server = mcp && {
    type: 'remote',
    url: mcp.url,
    oauth: false,
    headers: { Authorization: `Bearer {file:${token}}` },
  }
  const settings = {
    ...theirs,
    plugin: [...listOf(theirs.plugin), pathToFileURL(join(import.meta.dirname, 'plugin.ts')).href],
    instructions: [...listOf(theirs.instructions), brief.path],
    // A longer paste would be shown as "[Pasted ~3 lines]", and not be seen before it is entered.
    experimental: { ...(theirs.experimental as object | undefined), disable_paste_summary: true },
    ...(server ? { mcp: { ...(theirs.mcp as object | undefined), [MCP_SERVER]: server } } : {}),
  }
  return { [CONTENT]: JSON.stringify(settings) }
}

const theirSettings = (content: string | undefined): Record<string, unknown> => {
  if (!content) return {}
  try {
    return JSON.parse(content) as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new AppError('invalid', `Expected ${CONTENT} to be JSON without comments`, {
      hint: 'Put these settings into a file, and its path into OPENCODE_CONFIG.',
    })
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
