import { appendFileSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createTranslator, type HostEvent, LINES_VERSION } from './events.ts'
import type { Line } from './lines.ts'
import { type Configured, doesMoreThanMc, mcAllowed, mcAllowedFor } from './permission.ts'

/*
 * Runs inside OpenCode, which loads this file as it is (Bun): no package of ours is there. It
 * appends what happens to the record, a line each, so that nothing is lost while the api is down,
 * and lets `mc` run unasked. An OpenCode that she starts herself finds no record and does nothing.
 */

const RECORD = 'MC_LUCI_RECORD'

export const MissionControl = async ({ directory }: { directory: string }) => {
  const record = process.env[RECORD]
  if (!record) return {}
  const translate = createTranslator(directory)

  const write = (line: Line) => {
    try {
      appendFileSync(record, `${JSON.stringify(line)}\n`)
    } catch {
      // A full disk or a folder that is gone: her work goes on, and what is missing proves nothing.
    }
  }

  write({ type: 'started', version: LINES_VERSION, whole: !summarisesPastes() })
  return {
    config: async (config: Configured) => {
      config.permission = mcAllowed(config.permission)
      mcAllowedFor(config.agent)
    },
    event: async ({ event }: { event: HostEvent }) => {
      for (const line of translate(event)) write(line)
    },
    'shell.env': async (_call: unknown, output: { env: Record<string, string> }) => {
      output.env[RECORD] = ''
    },
    'tool.execute.before': async ({ tool }: { tool: string }, output: { args: unknown }) => {
      const { command } = (output.args ?? {}) as { command?: unknown }
      if (tool === 'bash' && typeof command === 'string' && doesMoreThanMc(command))
        throw new Error(
          'mc runs unasked, so run it alone, as one plain command: its words bare or in single quotes, nothing before, behind or around it',
        )
    },
  }
}

/** The person switched summaries of pastes on in the TUI, which wins over any setting. */
const summarisesPastes = (): boolean => {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state')
  try {
    const kept: unknown = JSON.parse(readFileSync(join(state, 'opencode', 'kv.json'), 'utf8'))
    return (kept as { paste_summary_enabled?: unknown } | null)?.paste_summary_enabled === true
  } catch {
    // Nothing was ever switched, or it cannot be read: the session's own setting holds.
    return false
  }
}
