import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { SILENT_MAX } from '@mc/core/digest/breaker.ts'
import { createDigests, type Digest } from '@mc/core/digest/digests.ts'
import type { Desk } from './desk.ts'

const FINGERPRINT = 'luci:silent'

/**
 * Ends a digest that the fallback decided. The last of three that she let go by is told once,
 * with it: from then on she is on trial (see digest/breaker.ts), and nobody hears of each.
 */
export const giveUp = (desk: Desk, digest: Digest, unheard: boolean): Promise<void> =>
  desk.db.transaction(async (tx) => {
    const digests = createDigests(tx, desk.clock)
    await digests.settle(digest.id, { unheard })
    if (!unheard || (await digests.breaker()).silent !== SILENT_MAX) return
    await createAlerts(tx, desk.clock, desk.triage).raise({
      fingerprint: FINGERPRINT,
      kind: 'self_heal',
      title: `Luci let ${SILENT_MAX} digests go by`,
      text: 'The rules and the fallback table decide at once until she answers one. Look at her pane, or start her again on the Settings page. She is tried again by herself.',
    })
  })

/** She answers digests again: the notice ends, and who was told hears so. */
export const tellOfAnswers = async (desk: Desk): Promise<void> => {
  if ((await desk.digests.breaker()).state !== 'closed') return
  await tellRecovered(desk.db, desk.clock, {
    fingerprints: [FINGERPRINT],
    title: 'Luci answers digests again',
    text: 'What no rule knows is put to her as before.',
    repeatIntervalMs: desk.triage.repeatIntervalMs,
  })
}
