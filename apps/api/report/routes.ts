import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { reportText } from '@mc/core/audit/report-text.ts'
import { whatItIs } from '@mc/core/audit/timeline.ts'
import { type Week, weekAfter, weekBefore, weekNamed, weekOf } from '@mc/core/audit/week.ts'
import type { Clock } from '@mc/core/clock.ts'
import { moneyText } from '@mc/core/costs/words.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import { capital } from '@mc/core/trust/words.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { datesOf, deciderName, presentReport } from './present.ts'

const Query = Type.Object({
  week: Type.Optional(
    Type.String({ maxLength: 40, description: 'Such as 2026-W47; this one without' }),
  ),
})

const ReportShape = Type.Object(
  {
    week: Type.String(),
    from: Type.String(),
    to: Type.String(),
    isOver: Type.Boolean(),
    isWhole: Type.Boolean({ description: 'False while older items are still being counted' }),
    settled: Type.Integer(),
    told: Type.Integer(),
    ticketed: Type.Integer(),
    sparedInterruptions: Type.Integer(),
    text: Type.String({ description: 'The same in plain words' }),
  },
  { additionalProperties: true },
)

/** The week: what was kept from a person, and how often that was right. */
export const reportRoutes: FastifyPluginAsyncTypebox<{
  nouns: Pick<Nouns, 'reports' | 'accuracy'>
  clock: Clock
  frame: PageFrame
}> = async (app, { nouns, clock, frame }) => {
  const week = (name: string | undefined): Week => (name ? weekNamed(name) : weekOf(clock.now()))

  app.get(
    '/api/v1/report',
    { schema: { querystring: Query, response: { 200: ReportShape } } },
    async (request) => {
      const report = await nouns.reports.of(week(request.query.week))
      return { ...report, text: reportText(report) }
    },
  )

  app.get('/report', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const chosen = week(request.query.week)
    const [report, { byDecider, byVerdict }] = await Promise.all([
      nouns.reports.of(chosen),
      nouns.accuracy.both(),
    ])
    return frame.sendPage(request, reply, 'report/views/report', {
      page: 'report',
      title: `Week ${chosen.name}`,
      report,
      dates: datesOf(chosen),
      money: moneyText,
      ...presentReport(report, chosen),
      byDecider: byDecider.map(presentAccuracy),
      byVerdict: byVerdict.map(presentAccuracy),
      before: weekBefore(chosen).name,
      after: chosen.to <= clock.now() ? weekAfter(chosen).name : null,
      isThis: chosen.to > clock.now(),
    })
  })
}

const presentAccuracy = (one: {
  of: string
  decided: number
  corrected: number
  right: number | null
}) => ({
  ...one,
  name: one.of in whatItIs ? capital(whatItIs[one.of as VerdictAction]) : deciderName(one.of),
  share: one.right === null ? '–' : `${one.right}\u00a0%`,
})
