import type { Clock } from '../clock.ts'
import type { NewItem } from '../inbox/item.ts'
import type { Settings } from '../settings/settings.ts'
import { noHistory } from './history.ts'
import { activeRules } from './rules-setting.ts'
import { triage } from './triage.ts'
import { effectsOf } from './verdict.ts'

/**
 * Whether a person wrote that this refused credential shall not be told at once ("even: [auth]").
 * Asked by the scheduler, who tells of it before pickup has seen the item.
 */
export const silencesAuth = async (
  settings: Settings,
  clock: Clock,
  posted: NewItem,
): Promise<boolean> => {
  const rules = await activeRules(settings)
  if (rules.length === 0) return false
  const now = clock.now()
  const item = {
    id: 0,
    source: posted.source,
    sourceId: posted.sourceId ?? null,
    message: posted.message,
    priority: posted.priority ?? 'normal',
    status: 'pending' as const,
    kind: posted.kind ?? null,
    fingerprint: posted.fingerprint ?? null,
    detail: posted.detail ?? {},
    runId: posted.runId ?? null,
    createdAt: now,
    processedAt: null,
    tries: 0,
    claimedAt: null,
    lease: null,
    claimedBy: null,
    digestId: null,
    verdict: null,
    decidedBy: null,
    reason: null,
  }
  const verdict = triage(item, noHistory(now), rules)
  if (verdict.action === 'ask') return verdict.rule !== undefined
  return !effectsOf(verdict.action).includes('alert')
}
