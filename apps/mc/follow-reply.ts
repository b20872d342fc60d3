import { type Client, UnreachableError } from '@mc/core/client/client.ts'
import type { LuciEvent } from '@mc/core/luci/status.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { describePrompt } from './answer.ts'

type Harvest = { turn: Turn; text: string; next: number; done: boolean }

/** An id of no epoch: the api answers it with a snapshot, so that nothing falls between two looks. */
const UNKNOWN_EVENT = 'none-0'
/** An api that restarts is back within this time. */
const AWAY_MS = 30_000
const RETRY_MS = 500

/**
 * Prints a reply while it is given: events say when and what, harvest what they left out. An api
 * that restarts in the middle is waited for. Returns when the turn has ended or the signal aborts,
 * with the turn as it is then and all the text that was printed.
 */
export const followReply = async (
  client: Client,
  turnId: string,
  {
    print,
    tell,
    signal,
  }: { print: (text: string) => void; tell: (text: string) => void; signal: AbortSignal },
): Promise<{ turn: Turn; printed: string }> => {
  let printed = ''
  let promptTold = ''
  const take = (from: number, text: string) => {
    const fresh = text.slice(printed.length - from)
    printed += fresh
    print(fresh)
  }
  const harvest = async (): Promise<Harvest> => {
    const query = { turn: turnId, after: printed.length }
    const found = await client.get<Harvest>('/api/v1/persistent_luci/harvest', query)
    take(query.after, found.text)
    return found
  }
  const tellPrompt = ({ prompt }: Turn) => {
    if (!prompt || prompt.id === promptTold) return
    promptTold = prompt.id
    tell(`\nLuci asks (answer here or on the page):\n${describePrompt(prompt)}`)
  }

  let lastEventId = UNKNOWN_EVENT
  let awayUntil = 0
  while (!signal.aborted) {
    try {
      for await (const { id, event, data } of client.events('/api/v1/events', {
        signal,
        lastEventId,
      })) {
        awayUntil = 0
        lastEventId = id
        const what = { type: event, ...wrap(event, data) } as LuciEvent | { type: 'snapshot' }
        if (what.type === 'text' && what.turnId === turnId && what.from <= printed.length)
          take(what.from, what.text)
        else if (what.type === 'snapshot' || isOf(what, turnId)) {
          const { turn, done } = await harvest()
          if (done) return { turn, printed }
          tellPrompt(turn)
        }
      }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      awayUntil ||= performance.now() + AWAY_MS
      if (performance.now() > awayUntil) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
  const { turn } = await harvest()
  return { turn, printed }
}

const wrap = (event: string, data: unknown): object =>
  event === 'turn' ? { turn: data } : event === 'text' ? (data as object) : {}

const isOf = (event: LuciEvent | { type: 'snapshot' }, turnId: string): boolean =>
  (event.type === 'turn' && event.turn.id === turnId) ||
  (event.type === 'text' && event.turnId === turnId)
