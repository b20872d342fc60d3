import type { Database } from '@mc/db/database.ts'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Effect } from '../triage/verdict.ts'
import type { ItemKind, Priority, VerdictAction } from './item.ts'

/** What an item must be like to be in a list. All that are given must agree. */
export type ItemTraits = {
  source?: string
  sourceId?: string
  kind?: ItemKind
  /** Neither a success nor a fire that was passed over. */
  trouble?: boolean
  priority?: Priority
  verdict?: VerdictAction
  /** A verdict that has it. */
  effect?: Effect
  /** `rule:<name>`, `luci`, `fallback` or `person`. */
  decidedBy?: string
  fingerprint?: string
  /** Words of its message, upper or lower case. */
  text?: string
}

/** The traits as SQL. */
export const traitsWhere = (
  traits: ItemTraits,
  dialect: Database['dialect'],
): RawBuilder<SqlBool> => {
  const {
    source,
    sourceId,
    kind,
    trouble,
    priority,
    verdict,
    effect,
    decidedBy,
    fingerprint,
    text,
  } = traits
  const parts = [
    source === undefined ? null : sql<SqlBool>`source_type = ${source}`,
    sourceId === undefined ? null : sql<SqlBool>`source_id = ${sourceId}`,
    kind === undefined ? null : sql<SqlBool>`kind = ${kind}`,
    trouble ? sql<SqlBool>`coalesce(kind, 'note') not in ('ok', 'skipped')` : null,
    priority === undefined ? null : priorityIs(priority),
    verdict === undefined ? null : sql<SqlBool>`verdict = ${verdict}`,
    effect === undefined ? null : sql<SqlBool>`verdict in (${effect}, 'alert+ticket')`,
    decidedBy === undefined ? null : sql<SqlBool>`decided_by = ${decidedBy}`,
    fingerprint === undefined ? null : sql<SqlBool>`fingerprint = ${fingerprint}`,
    text === undefined ? null : says(text, dialect),
  ].filter((part) => part !== null)
  return parts.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(parts, sql` and `)})`
}

/** Other programs may write anything there; what is neither drains as normal. */
const priorityIs = (priority: Priority): RawBuilder<SqlBool> =>
  priority === 'normal'
    ? sql<SqlBool>`coalesce(priority, 'normal') not in ('critical', 'low')`
    : sql<SqlBool>`priority = ${priority}`

const says = (text: string, dialect: Database['dialect']): RawBuilder<SqlBool> => {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return dialect === 'postgres'
    ? sql<SqlBool>`message ilike ${pattern} escape '\\'`
    : sql<SqlBool>`message like ${pattern} escape '\\'`
}
