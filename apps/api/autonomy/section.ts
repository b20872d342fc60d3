import type { ActionClass } from '@mc/core/trust/classes.ts'
import type { Trust } from '@mc/core/trust/trust.ts'
import type { Nouns } from '../nouns.ts'
import { deciderName } from '../report/present.ts'
import { presentClass, presentEvent, presentShadow } from './present.ts'

const HISTORY_SHOWN = 10

/** What the section of Settings shows; `tried` with `days` is a shadow run that was asked for. */
export const autonomySection = async (
  { trust, accuracy }: { trust: Trust; accuracy: Nouns['accuracy'] },
  { tried, days }: { tried: readonly ActionClass[] | undefined; days: number | undefined },
) => {
  const [view, history, { byDecider }, shadow] = await Promise.all([
    trust.view(),
    trust.history(HISTORY_SHOWN),
    accuracy.both(),
    days === undefined ? null : trust.shadow({ days, trusted: tried ?? [] }),
  ])
  return {
    main: view.main,
    held: view.held,
    paused: view.held?.by === 'pause',
    classes: view.classes.map(presentClass),
    history: history.map(presentEvent),
    // The rules have decided theirs themselves: /report has all of it.
    verdicts: byDecider
      .filter(({ of }) => of === 'luci')
      .map((one) => ({ ...one, of: deciderName(one.of) })),
    tried: shadow ? shadow.trusted : view.classes.map((one) => one.class),
    shadow: shadow && presentShadow(shadow),
  }
}
