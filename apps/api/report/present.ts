import type { Report } from '@mc/core/audit/report.ts'
import { correctionWords, sourceName, sparedWords, tokenWords } from '@mc/core/audit/report-text.ts'
import { whatItIs, who } from '@mc/core/audit/timeline.ts'
import type { Week } from '@mc/core/audit/week.ts'
import { capital } from '@mc/core/trust/words.ts'
import { shortDay } from '../frame/format.ts'

/** A number and the list that it counts. */
export type Figure = { value: number; label: string; href: string }

/** The week with each number's way to what stands behind it. */
/** `Rule “routine success”`, as it stands in a list. */
export const deciderName = (decidedBy: string): string =>
  capital(who(decidedBy).replace(/^the /, ''))

/** `16–22 Nov`, `30 Nov – 6 Dec`. */
export const datesOf = ({ firstDay, lastDay }: Pick<Week, 'firstDay' | 'lastDay'>): string =>
  firstDay.slice(0, 7) === lastDay.slice(0, 7)
    ? `${Number(firstDay.slice(8))}–${shortDay(lastDay)}`
    : `${shortDay(firstDay)} – ${shortDay(lastDay)}`

export const presentReport = (report: Report, week: Week) => {
  const list = (tab: 'handled' | 'silenced', more: Record<string, string> = {}) =>
    `/inbox?${new URLSearchParams({ tab, from: week.firstDay, to: week.lastDay, ...more })}`
  const { silenced } = report
  return {
    figures: [
      { value: silenced.items, label: 'silenced', href: list('silenced') },
      {
        value: silenced.items - silenced.routine,
        label: 'of them no routine',
        href: list('silenced', { kind: 'trouble' }),
      },
      { value: report.ticketed, label: 'ticketed', href: list('handled', { effect: 'ticket' }) },
      { value: report.told, label: 'told to you', href: list('handled', { effect: 'alert' }) },
      { value: report.corrected.length, label: 'called wrong', href: '#corrected' },
      { value: report.missed.length, label: 'you should have heard of', href: '#corrected' },
    ] satisfies Figure[],
    silencedBy: silenced.by.map((one) => ({
      name: one.decidedBy ? deciderName(one.decidedBy) : 'Other programs',
      items: one.items,
      href: list('silenced', one.decidedBy ? { decided: one.decidedBy } : {}),
    })),
    sources: silenced.sources.map((one) => ({
      name: sourceName(one),
      items: one.items,
      href: list('silenced', {
        kind: 'trouble',
        source: one.sourceId ? `${one.source}/${one.sourceId}` : one.source,
      }),
    })),
    spared: sparedWords(report),
    corrections: report.corrected.map((one) => ({
      item: one.item,
      text: `${who(one.decidedBy)} said ${whatItIs[one.verdict]}, right was ${whatItIs[one.right]}`,
      note: one.note,
      at: one.at,
    })),
    correctionWords: correctionWords(report),
    luciWords:
      report.luci.digests.length === 0
        ? 'Luci was asked nothing.'
        : `Luci was asked ${report.luci.digests.length === 1 ? 'once' : `${report.luci.digests.length} times`}${tokenWords(report.luci)}.`,
    asked: report.luci.digests.slice(0, 50),
  }
}
