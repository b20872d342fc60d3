import { type DigestEntry, readDigest } from '@mc/core/digest/digest.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import type { Call } from './answer.ts'
import { piecesOf } from './answer.ts'
import type { Asked } from './conversation.ts'
import type { Step } from './script.ts'
import { namedTool, shellCall, toolCall } from './tools.ts'

/** By which front the model acts: the MCP tools when they are offered, or always the shell. */
export type TriageBy = 'offered' | 'shell'

/**
 * A message that is to be pulled (`run: mc turn show 7f3a9c`, or the directive `TRIAGE:7f3a9c`):
 * its turn and the call that reads it. Null for any other text.
 */
export const pull = (text: string) => {
  const turn = /\b(?:run: mc turn show |TRIAGE:)\s*([\w-]+)/.exec(text)?.[1]
  if (!turn) return null
  const call = (by: TriageBy) => (asked: Asked) =>
    acting(asked, by, 'turn_show', () => ({ id: turn, turn }), `mc turn show ${turn}`)
  return { turn, call }
}

/** The steps that settle a digest: one verdict each, then a sentence. Null when it is no digest. */
export const triageOf = (text: string, turn: string, by: TriageBy): Step[] | null => {
  const entries = readDigest(digestIn(text))
  if (entries.length === 0) return null
  const answers: string[] = []
  const resolve = (entry: DigestEntry): Step => ({
    type: 'call',
    call: (asked) => resolveCall(asked, by, turn, entry),
    next: (result) => {
      answers.push(`${entry.item} ${result.trim().split('\n').at(-1) ?? ''}`)
      return entry === entries.at(-1)
        ? [{ type: 'say', pieces: piecesOf(`TRIAGED ${entries.length}: ${answers.join('; ')}`) }]
        : []
    },
  })
  return entries.map(resolve)
}

/** The mildest verdict that the floor allows and that differs from silence, so that it is seen. */
export const verdictFor = ({ floor }: DigestEntry): VerdictAction =>
  floor === 'silent' ? 'ticket' : floor

export const REASON = 'the scripted model decided'

const resolveCall = (asked: Asked, by: TriageBy, turn: string, entry: DigestEntry) => {
  const verdict = { item: entry.item, action: verdictFor(entry), reason: REASON }
  return acting(
    asked,
    by,
    'inbox_resolve',
    () => ({ turn, ...verdict, verdicts: [verdict] }),
    `mc inbox resolve ${verdict.item} ${verdict.action} --reason '${REASON}' --turn ${turn}`,
  )
}

/** The MCP tool with the arguments that its schema knows, or the same by shell. */
const acting = (
  asked: Asked,
  by: TriageBy,
  tool: string,
  args: () => Record<string, unknown>,
  command: string,
): Call | null => {
  const offered = by === 'shell' ? null : namedTool(asked, tool)
  if (!offered) return shellCall(asked, command)
  const known = offered.parameters.properties ?? {}
  return toolCall(
    asked,
    tool,
    Object.fromEntries(Object.entries(args()).filter(([name]) => name in known)),
  )
}

/** Some programs hand a result on as JSON, in which the digest's lines are escaped. */
const digestIn = (text: string): string => {
  if (/^<<<[0-9a-f]+$/m.test(text)) return text
  const [escaped] = /<<<[0-9a-f]+\\n.*>>>/.exec(text) ?? []
  if (!escaped) return text
  try {
    return JSON.parse(`"${escaped}"`) as string
  } catch {
    // Cut in the middle by the program: there is no digest to rely on.
    return text
  }
}
