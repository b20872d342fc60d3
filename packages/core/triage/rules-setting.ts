import type { Settings } from '../settings/settings.ts'
import type { Rule } from './rules.ts'
import { ruleOf, type WrittenRule } from './written-rule.ts'

/** The setting `triage_file`: what the last look at the rules file gave. */
export type RulesFileState = {
  hash: string
  /** How messages name the file. */
  name: string
  /** Empty when all is well. */
  problems: string[]
  /** When it became good or, through all its bad edits, when it became bad. */
  since: string
  /** Of the last good file: they go on while it has mistakes. */
  rules: WrittenRule[]
}

export const rulesFileState = async (settings: Settings): Promise<RulesFileState | null> =>
  (await settings.get<RulesFileState>('triage_file'))?.value ?? null

/** What people wrote, as it decides now. */
export const activeRules = async (settings: Settings): Promise<Rule[]> =>
  (await rulesFileState(settings))?.rules.map(ruleOf) ?? []
