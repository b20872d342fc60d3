import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { inFlightTurnStates, type Turn } from '@mc/core/turns/turn.ts'
import { Type } from 'typebox'
import { dealOut } from '../composer/fold.ts'
import { presentPrompt, presentTurn } from '../composer/present.ts'
import { COUNT_SHOWN_MAX, firstLine } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { NameParam } from '../schemas.ts'
import { presentCalm, presentFigures, presentNeeds, presentWorkers, tries } from './present.ts'

const TURNS_SHOWN = 20

const Before = Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })) })

/** Home: the thread with its composer, and what is going on at a glance. */
export const homePages: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  luci: Luci
  clock: Clock
  frame: PageFrame
}> = async (app, { nouns, luci, clock, frame }) => {
  /** What Luci has said so far of a turn in flight may be ahead of its row. */
  const replyOf = async (turn: Turn) =>
    inFlightTurnStates.includes(turn.state) ? (await luci.harvest(turn.id)).text : turn.reply

  const thread = async (before: number | undefined) => {
    const turns = await nouns.turns.list({ ...(before ? { before } : {}), limit: TURNS_SHOWN + 1 })
    const shown = turns.slice(0, TURNS_SHOWN)
    const replies = await Promise.all(shown.map(replyOf))
    // The newest shows most of a long text.
    const charsFor = dealOut()
    return {
      turns: shown.map((turn, n) => presentTurn(turn, replies[n], charsFor)).reverse(),
      earlier: turns.length > TURNS_SHOWN ? shown.at(-1)?.seq : null,
    }
  }

  app.get('/', { schema: { querystring: Before, hide: true } }, async (request, reply) => {
    const now = clock.now()
    const { asks, turnId } = luci.status()
    // In a turn, its article asks.
    const loose = turnId === null ? asks : null
    const [shown, open, alerts, counts, health, tasks, mistakes, allPaused] = await Promise.all([
      thread(request.query.before),
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

  app.get(
    '/partials/thread',
    { schema: { querystring: Before, hide: true } },
    async (request, reply) =>
      frame.sendPartial(reply, 'composer/views/thread', {
        ...(await thread(request.query.before)),
        csrf: request.caller?.csrf ?? '',
      }),
  )

  app.get(
    '/partials/turns/:id',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const turn = await nouns.turns.get(request.params.id)
      return frame.sendPartial(reply, 'composer/views/turn', {
        turn: presentTurn(turn, await replyOf(turn)),
        csrf: request.caller?.csrf ?? '',
      })
    },
  )

  // One message and its reply, in full.
  app.get('/turns/:id', { schema: { params: NameParam, hide: true } }, async (request, reply) => {
    const turn = await nouns.turns.get(request.params.id)
    return frame.sendPage(request, reply, 'composer/views/turn_page', {
      page: 'home',
      title: firstLine(turn.text, 60),
      turn: presentTurn(turn, await replyOf(turn), () => Number.POSITIVE_INFINITY),
    })
  })

  app.get('/partials/pill', { schema: { hide: true } }, async (_request, reply) =>
    frame.sendPill(reply),
  )
}
