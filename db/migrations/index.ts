import type { Migration } from 'kysely/migration'
import { orchestratorInbox } from './001-orchestrator-inbox.ts'
import { nouns } from './002-nouns.ts'
import { openRuns } from './003-open-runs.ts'
import { runTotals } from './004-run-totals.ts'
import { ticketFingerprints } from './005-ticket-fingerprints.ts'
import { digestOutcome } from './006-digest-outcome.ts'
import { alertDeliveries } from './007-alert-deliveries.ts'
import { telegramInbound } from './008-telegram-inbound.ts'
import { totals } from './009-totals.ts'
import { audit } from './010-audit.ts'
import { attachments } from './011-attachments.ts'
import { search } from './012-search.ts'
import { sessions } from './013-sessions.ts'
import { intent } from './014-intent.ts'
import { askedContent } from './016-asked-content.ts'
import { autonomy } from './017-autonomy.ts'
import { saidNow } from './019-said-now.ts'

/** In order. Append only: a landed migration is never edited. */
export const migrations: Record<string, Migration> = {
  '001-orchestrator-inbox': orchestratorInbox,
  '002-nouns': nouns,
  '003-open-runs': openRuns,
  '004-run-totals': runTotals,
  '005-ticket-fingerprints': ticketFingerprints,
  '006-digest-outcome': digestOutcome,
  '007-alert-deliveries': alertDeliveries,
  '008-telegram-inbound': telegramInbound,
  '009-totals': totals,
  '010-audit': audit,
  '011-attachments': attachments,
  '012-search': search,
  '013-sessions': sessions,
  '014-intent': intent,
  '016-asked-content': askedContent,
  '017-autonomy': autonomy,
  '019-said-now': saidNow,
}
