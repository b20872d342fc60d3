import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { byHerselfToday } from '../autonomy/today.ts'
import { presentPrompt } from '../composer/present.ts'
import type { Thread } from '../composer/thread.ts'
import { Before } from '../composer/thread-routes.ts'
import { presentToday } from '../costs/present.ts'
import { COUNT_SHOWN_MAX } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { presentQuestion } from '../questions/present.ts'
import {
  presentAtWork,
  presentCalm,
  presentFigures,
  presentNeeds,
  presentWorkers,
  tries,
} from './present.ts'
import { shorten } from './shorten.ts'
import { lookWhatWaits } from './waiting.ts'

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
    const [shown, waiting, counts, health, tasks, allPaused, today, did, held, open] =
      await Promise.all([
        thread.page(request.query.before),
        lookWhatWaits(nouns, luci),
        nouns.listing.counts(COUNT_SHOWN_MAX),
        nouns.workers.health(),
        nouns.tasks.summary(),
        nouns.overview.allPaused(),
        nouns.costs.today(),
        byHerselfToday(nouns.acts, clock),
        nouns.overview.held(),
        nouns.runs.open(),
      ])
    const needs = shorten(presentNeeds(waiting, now))
    return frame.sendPage(request, reply, 'home/views/home', {
      page: 'home',
      title: 'Home',
      ...shown,
      eventId,
      asks: waiting.asks && presentPrompt(waiting.asks),
      // Those of messages further up: the others stand where they were asked.
      asked: waiting.questions
        .filter(({ turnId }) => !shown.turns.some(({ id }) => id === turnId))
        .map(presentQuestion),
      isPast: request.query.before !== undefined,
      tries,
      needs: needs.shown,
      rest: needs.rest,
      calm: presentCalm((await nouns.readiness.now()).unclear),
      figures: presentFigures(counts),
      workers: presentWorkers(health, now),
      atWork: presentAtWork(open, now),
      costs: presentToday(today),
      did,
      paused: held?.by === 'pause',
      nextTask: allPaused ? null : tasks.next,
    })
  })

  // What a browser tells its person of while no page is before their eyes.
  app.get('/partials/needs', { schema: { hide: true } }, async (_request, reply) => {
    const needs = presentNeeds(await lookWhatWaits(nouns, luci), clock.now())
    return reply.header('cache-control', 'no-store').send({ needs })
  })

  app.get('/partials/pill', { schema: { hide: true } }, async (_request, reply) =>
    frame.sendPill(reply),
  )
}
