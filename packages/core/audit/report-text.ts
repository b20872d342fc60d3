import { moneyText } from '../costs/words.ts'
import type { Report } from './report.ts'
import { whatItIs, who } from './timeline.ts'

/** A look that somebody did not have to take, in minutes: an assumption, and said so. */
export const MINUTES_PER_LOOK = 1

/** The report as plain text: the CLI's and the message's. */
export const reportText = (report: Report): string => {
  const { silenced, luci } = report
  const lines = [
    `${items(report.settled)} settled: ${silenced.items} silenced (${silenced.routine} of them routine), ${report.ticketed} ticketed, ${report.told} told to you.`,
    sparedWords(report),
    ...(silenced.by.length > 0
      ? [
          `Silenced by ${silenced.by
            .slice(0, 6)
            .map((one) => `${who(one.decidedBy || null)} ${one.items}`)
            .join(', ')}.`,
        ]
      : []),
    ...(silenced.sources.length > 0
      ? [
          `Beside routine, most came from ${silenced.sources
            .map((one) => `${sourceName(one)} ${one.items}`)
            .join(', ')}.`,
        ]
      : []),
    ...silenced.samples.map((one) => `- ${one.title} (item ${one.item}: ${one.reason ?? ''})`),
    correctionWords(report),
    ...report.corrected
      .slice(0, 5)
      .map(
        (one) =>
          `- item ${one.item}: ${who(one.decidedBy)} said ${whatItIs[one.verdict]}, right was ${whatItIs[one.right]}`,
      ),
    luci.digests.length === 0
      ? 'Luci was asked nothing.'
      : `Luci was asked ${times(luci.digests.length)}${tokenWords(luci)}.`,
    ...(report.isWhole ? [] : ['Older items are still being counted: these numbers will grow.']),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** What is said of time: how it was reckoned stands beside it. */
export const sparedWords = ({ sparedInterruptions }: Report): string =>
  sparedInterruptions === 0
    ? ''
    : `${items(sparedInterruptions)} that ${sparedInterruptions === 1 ? 'was' : 'were'} no routine did not interrupt you. At ${MINUTES_PER_LOOK} min for each look, that saved you ${minutes(sparedInterruptions * MINUTES_PER_LOOK)}.`

export const correctionWords = ({ corrected, missed }: Report): string => {
  if (corrected.length === 0) return 'You corrected nothing.'
  const kept = missed.length === 0 ? '' : `; ${missed.length} of them you should have heard of`
  return `You called ${corrected.length} wrong${kept}.`
}

export const tokenWords = ({ tokensIn, tokensOut, costUsd }: Report['luci']): string =>
  tokensIn === null && tokensOut === null
    ? '; her program does not say what it cost'
    : `, ${(tokensIn ?? 0).toLocaleString('en')} tokens in and ${(tokensOut ?? 0).toLocaleString('en')} out${costUsd === null ? '' : ` for ${moneyText(costUsd)}`}`

export const sourceName = ({ source, sourceId }: { source: string; sourceId: string }): string =>
  sourceId ? (source === 'scheduler' ? sourceId : `${source}/${sourceId}`) : source

const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`)
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
const minutes = (count: number): string =>
  count < 60 ? `${count} min` : `${Math.floor(count / 60)} h ${count % 60} min`
