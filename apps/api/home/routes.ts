import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { presentPrompt } from '../composer/present.ts'
import type { Thread } from '../composer/thread.ts'
import { Before } from '../composer/thread-routes.ts'
import { COUNT_SHOWN_MAX } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { presentCalm, presentFigures, presentNeeds, presentWorkers, tries } from './present.ts'

/** Home: the thread with its composer, and what is going on at a glance. */
export const homePages: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  luci: Luci
  thread: Thread
  clock: Clock
  frame: PageFrame
}> = async (app, { nouns, luci, thread, clock, frame }) => {
  app.get('/', { schema: { querystring: Before, hide: true } }, async (request, reply) => {
    const now = clock.now()
    // Before anything is read: what happens from here on is told to the page.
    const eventId = await frame.mark()
    const { asks, turnId } = luci.status()
    // In a turn, its article asks.
    const loose = turnId === null ? asks : null
    const [shown, open, alerts, counts, health, tasks, mistakes, allPaused] = await Promise.all([
      thread.page(request.query.before),
      nouns.turns.open(),
      nouns.alerts.list({ states: ['queued', 'sending', 'sent', 'undelivered', 'expired'] }),
      nouns.listing.counts(COUNT_SHOWN_MAX),
      nouns.workers.health(),
      nouns.tasks.summary(),
      nouns.overview.taskProblems(),
      nouns.overview.allPaused(),
    ])
    return frame.sendPage(request, reply, 'home/views/home', {
      page: 'home',
      title: 'Home',
      ...shown,
      eventId,
      asks: loose && presentPrompt(loose),
      isPast: request.query.before !== undefined,
      tries,
      needs: presentNeeds(
        open.filter((turn) => turn.state === 'blocked'),
        loose,
        alerts,
        mistakes,
        now,
      ),
      calm: presentCalm((await nouns.readiness.now()).unclear),
      figures: presentFigures(counts),
      workers: presentWorkers(health, now),
      nextTask: allPaused ? null : tasks.next,
    })
  })

  app.get('/partials/pill', { schema: { hide: true } }, async (_request, reply) =>
    frame.sendPill(reply),
  )
}
