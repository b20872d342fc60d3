import { join } from 'node:path'
import fastifyView from '@fastify/view'
import { sentences } from '@mc/core/client/sentences.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Workers } from '@mc/core/workers/workers.ts'
import { Eta } from 'eta'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { modes } from '../composer/present.ts'
import type { Broadcaster } from '../events/broadcaster.ts'
import { takeNotice } from '../forms.ts'
import type { Overview } from '../overview.ts'
import type { Problem } from '../problems.ts'
import { serveAssets } from './assets.ts'
import {
  presentBrokenChannel,
  presentFootnotes,
  presentHealth,
  presentOverCap,
  presentPause,
  presentScheduleBanners,
} from './banners.ts'
import { compress } from './compress.ts'
import * as format from './format.ts'
import { icon } from './icons.ts'
import { keys } from './keys.ts'
import { renderMarkdown } from './markdown.ts'
import { nav, type PageName } from './nav.ts'
import { presentPill } from './pill.ts'
import { themeOf } from './theme.ts'

export type View = { page: PageName | null; title: string } & Record<string, unknown>

/** What every page shares: navigation, Luci's pill, the notice of the form before. */
export const createFrame = (deps: {
  luci: Luci
  overview: Overview
  workers: Workers
  broadcaster: Broadcaster
  clock: Clock
  config: Config
  version: string
  /** Where the stylesheet and the scripts are. */
  assets: string
}) => {
  const helpers = (now: Date) => ({
    ...format,
    icon,
    sentences,
    markdown: renderMarkdown,
    ago: (iso: string | null) => format.relative(iso, now),
  })

  const partial = async (reply: FastifyReply, view: string, data: object): Promise<string> => {
    const now = deps.clock.now()
    return reply.viewAsync(view, {
      h: helpers(now),
      now: now.toISOString(),
      assets: deps.assets,
      ...data,
    })
  }

  return {
    partial,

    /** The id after which a page listens: taken before what it shows is read. */
    mark: () => deps.broadcaster.mark(),

    /** A fragment by itself, as the scripts fetch it. */
    async sendPartial(reply: FastifyReply, view: string, data: object): Promise<unknown> {
      const html = await partial(reply, view, data)
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
    },

    async sendPage(
      request: FastifyRequest,
      reply: FastifyReply,
      view: string,
      data: View,
    ): Promise<unknown> {
      const now = deps.clock.now()
      const [
        eventId,
        alerts,
        proposals,
        questions,
        health,
        mistakes,
        allPaused,
        broken,
        overCap,
        held,
      ] = await Promise.all([
        typeof data.eventId === 'string' ? data.eventId : deps.broadcaster.mark(),
        deps.overview.alerts(),
        deps.overview.openProposals(),
        deps.overview.openQuestions(),
        deps.workers.health(),
        deps.overview.taskProblems(),
        deps.overview.allPaused(),
        deps.overview.brokenChannel(),
        deps.overview.overCap(),
        deps.overview.held(),
      ])
      const status = deps.luci.status()
      const counts: { [id in PageName]?: number } = {
        home: questions,
        proposals,
        alerts: alerts.open,
      }
      const html = await partial(reply, view, {
        ...data,
        csrf: request.caller?.csrf ?? '',
        theme: themeOf(request),
        back: request.url,
        modes,
        keys,
        // A refresh of a part must not eat the notice of the page.
        notice: request.headers['hx-request'] ? null : takeNotice(request, reply),
        nav: nav.map((entry) => ({
          ...entry,
          current: entry.id === data.page,
          count: counts[entry.id] ?? 0,
        })),
        pill: presentPill(status, now, held),
        banners: [
          ...presentHealth(status, health),
          ...presentPause(held),
          ...(data.page === 'alerts' ? [] : presentBrokenChannel(broken)),
          ...presentOverCap(overCap, data.title === 'Costs'),
          ...presentScheduleBanners(mistakes, allPaused, 'mistakes' in data),
        ],
        footnotes: presentFootnotes(deps.config),
        eventId,
        version: deps.version,
      })
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
    },

    async sendPill(reply: FastifyReply): Promise<unknown> {
      return this.sendPartial(reply, 'frame/views/pill', {
        pill: presentPill(deps.luci.status(), deps.clock.now(), await deps.overview.held()),
      })
    },

    /** An error as a page; it must stand when the database does not. */
    async sendProblem(
      request: FastifyRequest,
      reply: FastifyReply,
      problem: Problem,
    ): Promise<unknown> {
      const body = request.body as { text?: unknown } | null | undefined
      const takesPassword = problem.status === 401 && deps.config.http.passwordHash !== null
      const wanted = request.method === 'GET' && !request.url.startsWith('/sign-in')
      const html = await partial(reply, 'frame/views/problem', {
        problem,
        theme: themeOf(request),
        takesPassword,
        back: request.formBack ?? (takesPassword && wanted ? request.url : '/'),
        draft: typeof body?.text === 'string' ? body.text : null,
      })
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
    },
  }
}

export type PageFrame = ReturnType<typeof createFrame>

/** Templates, and what they link to. Returns the address of the stylesheet and the scripts. */
export const servePages = async (app: FastifyInstance): Promise<string> => {
  const root = join(import.meta.dirname, '..')
  compress(app)
  await app.register(fastifyView, {
    engine: { eta: new Eta({ views: root, cache: true }) },
    root,
    viewExt: 'eta',
    // Templates are read once: what runs is what was started.
    production: true,
  })
  return serveAssets(app, root)
}
