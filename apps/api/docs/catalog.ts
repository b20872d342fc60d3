import { alerts } from './catalog/alerts.ts'
import { autonomy } from './catalog/autonomy.ts'
import { costs } from './catalog/costs.ts'
import type { Entries } from './catalog/entry.ts'
import { inbox } from './catalog/inbox.ts'
import { luci } from './catalog/luci.ts'
import { proposals } from './catalog/proposals.ts'
import { questions } from './catalog/questions.ts'
import { settings } from './catalog/settings.ts'
import { tasks } from './catalog/tasks.ts'
import { tickets } from './catalog/tickets.ts'
import { watching } from './catalog/watching.ts'
import { webhooks } from './catalog/webhooks.ts'

/** What the document says of every route. A route that is not here must say it in its own schema. */
export const catalog: Entries = {
  ...luci,
  ...questions,
  ...proposals,
  ...tickets,
  ...inbox,
  ...webhooks,
  ...tasks,
  ...alerts,
  ...autonomy,
  ...costs,
  ...settings,
  ...watching,
}
