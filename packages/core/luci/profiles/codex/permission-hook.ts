import { appendFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { isPlainMc } from '../plain-mc.ts'

/*
 * What Codex runs when a command of hers needs a permission: the question goes into the session's
 * record, and `mc`, and nothing else, is allowed at once. About everything else it says nothing, so
 * that the person is asked.
 */

const asked = JSON.parse(await text(process.stdin))
const allowed = asked.tool_name === 'Bash' && isPlainMc(asked.tool_input?.command)
const record = process.env.MC_LUCI_RECORD
if (record) {
  const line = JSON.stringify({ ...asked, ...(allowed ? { mc_allowed: true } : {}) })
  appendFileSync(record, `${line}\n`)
}
if (allowed) {
  const decision = { behavior: 'allow' }
  const output = { hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } }
  process.stdout.write(JSON.stringify(output))
}
