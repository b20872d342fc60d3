import type { Cap } from '@mc/core/costs/cap.ts'
import { type Day, NEAR_CAP, type Today } from '@mc/core/costs/costs.ts'
import { type UsageKind, usageKinds } from '@mc/core/costs/count.ts'
import type { DaySum } from '@mc/core/costs/sums.ts'
import { capText, countText, moneyText, tokensText } from '@mc/core/costs/words.ts'
import { shortDay } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'
import { bars } from './bars.ts'

const kindWords: Record<UsageKind, string> = {
  chat: 'Chat',
  digest: 'Digests',
  worker: 'Workers',
}

export type TodayView = {
  used: string
  kinds: { label: string; value: string }[]
  /** Of the cap: `62 % of 2M tokens`; null without one. */
  cap: { words: string; percent: number } | null
  warning: { text: string; icon: IconName; tone: Tone } | null
}

/** Today at a glance: sums by kind, and how near the cap is. */
export const presentToday = (today: Today): TodayView => ({
  used: used(today),
  kinds: usageKinds.flatMap((kind) => {
    const sum = today.byKind[kind]
    return sum ? [{ label: kindWords[kind], value: used(sum) }] : []
  }),
  cap:
    today.share === null
      ? null
      : {
          words: `${percentOf(today.share)} % of ${capText(today.cap.limits)}`,
          percent: Math.min(100, percentOf(today.share)),
        },
  warning: warningOf(today),
})

/** Never 100 % before it is reached. */
const percentOf = (share: number): number => Math.floor(share * 100)

const warningOf = ({ over, share }: Today): TodayView['warning'] => {
  // Over it, every page says so.
  if (over === null && share !== null && share >= NEAR_CAP)
    return {
      text: `${percentOf(share)} % of today's cap is used. At 100 % digests and workers stop until midnight UTC.`,
      icon: 'hand',
      tone: 'warn',
    }
  return null
}

const used = (sum: DaySum): string => {
  if (sum.times === 0) return 'Nothing'
  return `${tokensText(sum.tokensIn + sum.tokensOut)}, ${moneyText(sum.costUsd, sum.unpriced)}`
}

export const presentCap = (cap: Cap) => ({ text: capText(cap.limits), from: cap.from })

/** The page: today, the days as bars and as a table, newest first. */
export const presentCosts = (today: Today, days: readonly Day[]) => {
  const told = days.filter(({ times }) => times > 0)
  return {
    today: presentToday(today),
    capSet: presentCap(today.cap),
    tokenBars: bars(
      days.map((day) => ({ label: shortDay(day.day), value: day.tokensIn + day.tokensOut })),
      { name: 'Tokens', words: tokensText },
    ),
    moneyBars: bars(
      days.map((day) => ({ label: shortDay(day.day), value: day.costUsd })),
      { name: 'Money', words: (usd) => moneyText(usd) },
    ),
    rows: [...told].reverse().map((day) => ({
      day: day.day,
      cells: [
        countText(day.tokensIn),
        countText(day.tokensCached),
        countText(day.tokensOut),
        moneyText(day.costUsd, day.unpriced),
        ...usageKinds.map((kind) => {
          const sum = day.byKind[kind]
          return sum ? used(sum) : '–'
        }),
      ],
    })),
    columns: [
      'Tokens read',
      'of them cached',
      'written',
      'Money',
      ...usageKinds.map((kind) => kindWords[kind]),
    ],
    isUnpriced: days.some(({ unpriced }) => unpriced > 0),
  }
}
