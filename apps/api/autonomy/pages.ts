import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Acts } from '@mc/core/acts/acts.ts'
import type { SeenAct } from '@mc/core/acts/seen.ts'
import { actionClasses } from '@mc/core/trust/classes.ts'
import { classLabels } from '@mc/core/trust/words.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import { NameParam } from '../schemas.ts'
import { presentActs, presentAnyAct } from './present.ts'

const SHOWN = 50
const TURN_ACTS_MAX = 100

const Filter = Type.Object({
  class: Type.Optional(Type.Enum(actionClasses)),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** Everything that Luci proposed and did, and what stands under a message. */
export const actPages: FastifyPluginAsyncTypebox<{ acts: Acts; frame: PageFrame }> = async (
  app,
  { acts, frame },
) => {
  app.get('/acts', { schema: { querystring: Filter, hide: true } }, async (request, reply) => {
    const { class: one, before } = request.query
    const found = await acts.list({
      ...(one ? { class: one } : {}),
      ...(before ? { before } : {}),
      limit: SHOWN + 1,
    })
    const shown = await acts.seen(found.slice(0, SHOWN))
    const path = one ? `/acts?class=${one}` : '/acts'
    return frame.sendPage(request, reply, 'autonomy/views/acts_page', {
      page: 'settings',
      title: 'What Luci proposed and did',
      all: shown.map(presentAnyAct),
      next: found.length > SHOWN ? `${path}${one ? '&' : '?'}before=${shown.at(-1)?.id}` : null,
      tabs: [
        { label: 'All', href: '/acts', current: !one },
        ...actionClasses.map((each) => ({
          label: classLabels[each],
          href: `/acts?class=${each}`,
          current: each === one,
        })),
      ],
    })
  })

  // What she did in it: it changes by itself while the message stays.
  app.get(
    '/partials/turns/:id/acts',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const { id } = request.params
      return frame.sendPartial(reply, 'autonomy/views/acts', {
        ...presentActs((await doneIn(acts, [id])).get(id) ?? [], id),
        csrf: request.caller?.csrf ?? '',
        back: `/#turn-${id}`,
      })
    },
  )
}

/** What she did in these turns without being asked first, by turn, in its order. */
export const doneIn = async (
  acts: Acts,
  turns: readonly string[],
): Promise<Map<string, SeenAct[]>> => {
  const byTurn = new Map<string, SeenAct[]>()
  if (turns.length === 0) return byTurn
  const found = await acts.list({ turns, state: 'done', limit: TURN_ACTS_MAX })
  for (const act of await acts.seen(found.toReversed()))
    byTurn.set(act.turnId ?? '', [...(byTurn.get(act.turnId ?? '') ?? []), act])
  return byTurn
}
