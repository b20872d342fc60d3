import { type DigestEntry, readDigest } from '@mc/core/digest/digest.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import { type Call, piecesOf } from './answer.ts'
import type { Asked } from './conversation.ts'
import type { Step } from './script.ts'
import { namedTool, shellCall, toolCall } from './tools.ts'

/** By which front the model acts: the MCP tools when they are offered, or always the shell. */
export type TriageBy = 'offered' | 'shell'

/**
 * The turn of a message that is to be pulled (`run: mc turn show 7f3a9c`, or the directive
 * `TRIAGE:7f3a9c`). Null for any other text.
 */
export const turnToPull = (text: string): string | null =>
  /\b(?:run: mc turn show |TRIAGE:)\s*([\w-]+)/.exec(text)?.[1] ?? null

export const pullCall = (turn: string, asked: Asked, by: TriageBy): Call | null =>
  offered(asked, by, 'turn_show')
    ? toolCall(asked, 'turn_show', { turn })
    : mcCall(asked, `mc turn show ${turn}`)

/** The steps that settle a digest: a verdict for each item, then a sentence. Null when it is none. */
export const triageOf = (
  message: string,
  turn: string,
  asked: Asked,
  by: TriageBy,
): Step[] | null => {
  const verdicts = readDigest(message).map(verdictFor)
  if (verdicts.length === 0) return null
  const answers: string[] = []
  const calls: (() => Call | null)[] = offered(asked, by, 'inbox_resolve')
    ? [() => toolCall(asked, 'inbox_resolve', { turn, verdicts })]
    : verdicts.map((verdict) => () => mcCall(asked, commandFor(verdict, turn)))
  const steps = calls.map(
    (call): Step => ({
      type: 'call',
      call,
      next: (result) => {
        answers.push(result.trim())
        const text = `TRIAGED ${verdicts.length}: ${answers.join('\n')}`
        return answers.length < calls.length ? [] : [{ type: 'say', pieces: piecesOf(text) }]
      },
    }),
  )
  return steps
}

export const REASON = 'the scripted model decided'

/** The mildest that the floor allows and that differs from silence, so that it is seen. */
const verdictFor = ({ item, floor }: DigestEntry) => ({
  item,
  action: (floor === 'silent' ? 'ticket' : floor) satisfies VerdictAction,
  reason: REASON,
})

const commandFor = ({ item, action, reason }: ReturnType<typeof verdictFor>, turn: string) =>
  `mc inbox resolve ${item} ${action} --reason '${reason}' --turn ${turn}`

/** Where a sandbox has no network, `mc` has to be run outside of it. */
const mcCall = (asked: Asked, command: string) => shellCall(asked, command, { escalated: true })

const offered = (asked: Asked, by: TriageBy, tool: string): boolean =>
  by === 'offered' && namedTool(asked, tool) !== null
