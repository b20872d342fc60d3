import { join } from 'node:path'
import fastifyView from '@fastify/view'
import type { BrokenChannel } from '@mc/core/alerts/channel-health.ts'
import { configuredChannels } from '@mc/core/alerts/channels.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Pause } from '@mc/core/tasks/task.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { WorkerHealth, Workers } from '@mc/core/workers/workers.ts'
import { Eta } from 'eta'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { modes } from '../composer/present.ts'
import type { Broadcaster } from '../events/broadcaster.ts'
import { takeNotice } from '../forms.ts'
import type { Overview } from '../overview.ts'
import type { Problem } from '../problems.ts'
import { serveAssets } from './assets.ts'
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
          ...presentBanners(status, health),
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

export type Banner = {
  tone: 'warn' | 'bad'
  text: string
  hint: string | null
  href?: string
  /** What ends it, as a form's button. */
  verb?: { label: string; action: string }
}

const presentBanners = (
  status: ReturnType<Luci['status']>,
  health: readonly WorkerHealth[],
): Banner[] => {
  const banners: Banner[] = []
  if (status.problem)
    banners.push({ tone: 'warn', text: sentences(`Luci: ${status.problem}`), hint: status.hint })
  const gone = health.filter((one) => one.state === 'stale').map((one) => one.name)
  if (gone.length > 0)
    banners.push({
      tone: 'bad',
      text: `No sign of life from ${format.enumerate(gone)}.`,
      hint: 'What is shown here may be old. Start it again: npx -y pnpm@12 start',
    })
  return banners
}

/** On every page, since nothing happens by itself meanwhile. */
const presentPause = (held: Held | null): Banner[] =>
  held?.by === 'pause'
    ? [
        {
          tone: 'warn',
          text: `${held.reason}.`,
          hint: 'Rules decide alone, and no worker starts. What you say to Luci goes on.',
          href: '/settings#autonomy',
          verb: { label: 'Resume', action: '/api/v1/autonomy/resume' },
        },
      ]
    : []

/** On the page of alerts it stands in full. */
const presentBrokenChannel = (broken: BrokenChannel | null): Banner[] =>
  broken
    ? [
        {
          tone: 'bad',
          text: `${broken.label} refuses our messages: ${format.firstLine(broken.problem)}.`,
          hint: broken.standIn
            ? `Meanwhile ${broken.standIn} takes them. Check ${broken.settings}.`
            : `Alerts reach you on their page alone. Check ${broken.settings}.`,
          href: '/alerts',
        },
      ]
    : []

/** Talking with her goes on; what that costs is the person's to decide. */
const presentOverCap = (over: string | null, isThere: boolean): Banner[] =>
  over === null
    ? []
    : [
        {
          tone: 'warn',
          text: `${over}.`,
          hint: 'No digest is sent and no worker starts; rules go on, and Luci still answers you.',
          ...(isThere ? {} : { href: '/costs' }),
        },
      ]

/** On the page of schedules itself the mistakes stand in full. */
const presentScheduleBanners = (
  mistakes: readonly string[],
  allPaused: Pause | null,
  isThere: boolean,
): Banner[] => [
  ...(mistakes.length > 0 && !isThere
    ? [
        {
          tone: 'bad' as const,
          text: `The tasks file has ${format.plural(mistakes.length, 'mistake')}; the last good set runs on.`,
          hint: format.firstLine(mistakes[0] ?? '', 240),
          href: '/schedules',
        },
      ]
    : []),
  ...(allPaused
    ? [
        {
          tone: 'warn' as const,
          text: 'All tasks are paused.',
          hint: [
            `By ${allPaused.by === 'person' ? 'you' : allPaused.by}`,
            allPaused.reason ? `: ${allPaused.reason}` : '',
            allPaused.until ? ` (until ${format.local(allPaused.until)})` : '',
          ].join(''),
          ...(isThere ? {} : { href: '/schedules' }),
        },
      ]
    : []),
]

/** What is not set up, said once and quietly. */
const presentFootnotes = (config: Config): string[] =>
  configuredChannels(config).length > 0
    ? []
    : [
        'Telegram is not configured: alerts stay on this page. Set MC_TELEGRAM_TOKEN and MC_TELEGRAM_CHAT_ID.',
      ]

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
