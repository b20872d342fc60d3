import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { judge } from '@mc/core/corrections/judge.ts'
import { AppError } from '@mc/core/errors.ts'
import { handleAgain } from '@mc/core/inbox/again.ts'
import { verdictActions } from '@mc/core/inbox/item.ts'
import { Type } from 'typebox'
import { alertWords } from '../alerts/notices.ts'
import { answer, type Notice } from '../forms.ts'
import { plural } from '../frame/format.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import type { InboxPages } from './pages.ts'

const actions = [...verdictActions, 'again', 'acknowledge'] as const
type Action = (typeof actions)[number]

const Ids = Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 500 })

/** `one` is a button of a single row: `<action>:<id>,<id>`; else `do` goes for all that are chosen. */
const Changes = Type.Object(
  {
    item: Type.Optional(Ids),
    do: Type.Optional(Type.Enum(actions)),
    one: Type.Optional(Type.String({ maxLength: 10_000 })),
    note: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  { additionalProperties: false },
)

/** The list's form: what a person says of one item or of many. */
export const changesRoute: FastifyPluginAsyncTypebox<InboxPages> = async (
  app,
  { db, clock, nouns },
) => {
  app.post(
    '/inbox/changes',
    { schema: { body: Changes, hide: true }, config: { may: 'person' } },
    async (request, reply) => {
      const { note } = request.body
      const { action, items } = wanted(request.body)
      const by = actorOf(callerOf(request)).actor
      if (action === 'acknowledge') {
        const acknowledged: number[] = []
        for (const { id } of await nouns.listing.openAlertsOf(items)) {
          // It may have ended since it was listed; the others go on.
          if ((await nouns.alerts.get(id)).state === 'resolved') continue
          await nouns.alerts.acknowledge(id, by)
          acknowledged.push(id)
        }
        return answer(request, reply, {
          body: { acknowledged },
          notice: acknowledgedNotice(acknowledged.length),
        })
      }
      const done =
        action === 'again'
          ? await again(items)
          : await judge(db, clock, items, { action, note, by })
      return answer(request, reply, { body: { items: done }, notice: noticeOf(done) })
    },
  )

  const again = async (items: readonly number[]) => {
    const done: { item: number; status: string; reason?: string }[] = []
    for (const item of items)
      try {
        await handleAgain(db, clock, item)
        done.push({ item, status: 'recorded' })
      } catch (error) {
        // Settled meanwhile: told for this one, the others go on.
        if (!(error instanceof AppError)) throw error
        done.push({ item, status: 'refused', reason: error.message })
      }
    return done
  }
}

const wanted = (body: {
  item?: number[]
  do?: Action
  one?: string
}): { action: Action; items: number[] } => {
  const [name, ids = ''] = body.one?.split(':') ?? []
  const action = actions.find((one) => one === (name ?? body.do))
  const items = name ? ids.split(',').map(Number) : (body.item ?? [])
  if (!action) throw new AppError('invalid', `Expected one of ${actions.join(', ')}`)
  if (items.length === 0 || !items.every((id) => Number.isSafeInteger(id) && id > 0))
    throw new AppError('invalid', 'Expected at least one item to be chosen', {
      hint: 'Tick the box in front of an item first.',
    })
  return { action, items }
}

const acknowledgedNotice = (count: number): Notice | string => {
  if (count === 0) return { tone: 'warn', text: 'No open alert tells of that' }
  return count === 1 ? alertWords.acknowledged : alertWords.bulk('acknowledge', count)
}

const noticeOf = (done: readonly { status: string; item: number; reason?: string }[]): Notice => {
  const refused = done.filter((one) => one.status === 'refused')
  const count = done.length - refused.length
  const [first] = refused
  const text = [
    count > 0 ? `Noted for ${plural(count, 'item')}` : '',
    first ? `${plural(refused.length, 'item')} not: ${first.reason}` : '',
  ]
    .filter(Boolean)
    .join('. ')
  return { tone: count === 0 ? 'warn' : 'good', text }
}
