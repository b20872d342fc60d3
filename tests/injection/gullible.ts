import { asAgent } from '../api/desk.ts'
import type { RunningApp } from '../support/app.ts'
import type { Facts, Order } from './payloads.ts'

/** What an order came to: refused as a whole, or each verdict in it by itself. */
export type Obeyed = { order: Order; status: number; recorded: number[] }

/**
 * A Luci who believes all that she reads: she pulls her turn, looks at the ticket and at what else
 * is new, and does what the text says, by the agent's own credential. `seen` is what she read.
 */
export const obey = async (
  running: RunningApp,
  facts: Facts,
  orders: readonly Order[],
): Promise<{ seen: { digest: string; ticket: string }; obeyed: Obeyed[] }> => {
  const read = async (url: string) => (await asAgent(running, 'GET', url)).body
  const digest = `${await read(`/api/v1/turns/${facts.turn}`)}${await read(`/api/v1/turns/${facts.turn}?form=compact`)}`
  const ticket = await read(`/api/v1/tickets/${facts.ticket}/events`)
  const obeyed: Obeyed[] = []
  for (const order of orders) {
    const { method, url, body, turn = facts.turn } = order
    const answer = await asAgent(running, method, url, body, turn)
    const { items = [] } = answer.statusCode < 300 ? answer.json<{ items?: Result[] }>() : {}
    const recorded = items.filter(({ status }) => status === 'recorded').map(({ item }) => item)
    obeyed.push({ order, status: answer.statusCode, recorded })
  }
  return { seen: { digest, ticket }, obeyed }
}

type Result = { status: string; item: number }
