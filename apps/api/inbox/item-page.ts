import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { REPEATED, suggestRule } from '@mc/core/audit/suggestion.ts'
import { whatItIs, who } from '@mc/core/audit/timeline.ts'
import { verdictActions } from '@mc/core/inbox/item.ts'
import { IdParam } from '../schemas.ts'
import type { InboxPages } from './pages.ts'
import { presentItem } from './present.ts'

/** One item with its whole way. */
export const itemPage: FastifyPluginAsyncTypebox<InboxPages> = async (app, { nouns, frame }) => {
  app.get('/inbox/:id', { schema: { params: IdParam, hide: true } }, async (request, reply) => {
    const { item, steps, facts } = await nouns.timeline.of(request.params.id)
    const standing = facts.corrections.findLast((one) => one.supersededAt === null) ?? null
    const times = standing ? await nouns.corrections.alike(item, standing.right) : 0
    const settled = item.status === 'processed' || item.status === 'ignored'
    return frame.sendPage(request, reply, 'inbox/views/item', {
      page: 'inbox',
      title: `Item ${item.id}`,
      item: presentItem(item),
      steps,
      settled,
      standing,
      facts: Object.entries(
        typeof item.detail.facts === 'object' && item.detail.facts !== null
          ? item.detail.facts
          : {},
      ).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      choices: verdictActions
        .filter((action) => action !== (item.verdict ?? (settled ? 'silent' : null)))
        .map((id) => ({ id, label: whatItIs[id] })),
      decider: who(facts.corrections[0]?.decidedBy ?? item.decidedBy),
      suggestion: standing && times >= REPEATED ? suggestRule(item, standing.right, times) : null,
      times,
    })
  })
}
