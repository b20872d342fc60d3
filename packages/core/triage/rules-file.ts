import {
  type Complain,
  expected,
  isMapping,
  type Path,
  shown,
  unknownKey,
} from '../edited-file/mistakes.ts'
import { readEdited } from '../edited-file/read.ts'
import { createShapeCheck, soundPart } from '../edited-file/shape.ts'
import { RuleEntry } from './rule-entry.ts'
import { covers } from './verdict.ts'
import type { WrittenRule } from './written-rule.ts'

export type RulesFile = { rules: WrittenRule[]; problems: [] } | { rules: null; problems: string[] }

/**
 * The rules of a YAML text, or every mistake in it as `file:line:column: what`. `file` is how the
 * messages name it. All or nothing: one mistake and there are no rules.
 */
export const readRulesFile = (text: string, file: string): RulesFile => {
  const { value, problems } = readEdited(text, file, readFile)
  return value ? { rules: value, problems: [] } : { rules: null, problems }
}

const checkShape = createShapeCheck({
  whose: (path) => (path.length <= 2 ? 'a rule' : path.slice(2).map(String).join('.')),
  mayHoldSecrets: () => false,
})

const RULES_MAX = 500

const readFile = (root: unknown, complain: Complain): WrittenRule[] => {
  // Never taken for "no rules": half a save would let through what they hold back.
  if (!isMapping(root) || (!Array.isArray(root.rules) && root.rules !== null)) {
    complain([], `expected "rules:" with a list of rules under it, got ${whatFileIs(root)}`)
    return []
  }
  for (const key of Object.keys(root))
    if (key !== 'rules' && !key.startsWith('x-'))
      complain([key], unknownKey(key, ['rules'], 'the file'), 'key')
  const entries = (root.rules ?? []) as unknown[]
  if (entries.length > RULES_MAX)
    complain(['rules'], `expected at most ${RULES_MAX} rules, got ${entries.length}`)
  const seen = new Map<string, number>()
  return entries.flatMap((entry, index) => {
    const path: Path = ['rules', index]
    checkShape(RuleEntry, entry, path, complain)
    if (!isMapping(entry)) return []
    const sound = soundPart(RuleEntry, entry) as Partial<RuleEntry>
    const earlier = sound.name === undefined ? undefined : seen.get(sound.name)
    if (earlier !== undefined)
      complain(
        [...path, 'name'],
        `expected each name once, got "${sound.name}" again (it is rule number ${earlier + 1} too)`,
      )
    if (sound.name !== undefined) seen.set(sound.name, index)
    const until = checkMeaning(sound, entry, path, complain)
    return sound.enabled === false ? [] : [ruleFrom(sound, until)]
  })
}

const whatFileIs = (root: unknown): string => {
  if (root === null || root === undefined) return 'an empty file (no rules at all are "rules: []")'
  if (!isMapping(root)) return shown(root)
  return 'rules' in root ? shown(root.rules) : 'a file without it'
}

/** What a shape cannot say. Returns the end of a mute. */
const checkMeaning = (
  rule: Partial<RuleEntry>,
  entry: Record<string, unknown>,
  path: Path,
  complain: Complain,
): string | null => {
  if (isMapping(entry.match) && Object.keys(entry.match).length === 0)
    complain(
      [...path, 'match'],
      'expected at least one of source, task, tag, kind, priority, text, got none (for everything: source: "*")',
    )
  const { then } = rule
  if (then === 'mute' && entry.until === undefined)
    complain(path, 'expected "until", the time at which the mute ends, got none')
  if (then !== undefined && then !== 'mute' && entry.until !== undefined)
    complain([...path, 'until'], 'expected no "until" here: it is for "then: mute"', 'key')
  if (rule.even && then && then !== 'ask' && then !== 'mute' && covers(then, 'alert'))
    complain(
      [...path, 'even'],
      `expected no "even" here: "${then}" lets everything be heard`,
      'key',
    )
  if (rule.until === undefined) return null
  const until = timeOf(rule.until)
  if (until === null)
    complain([...path, 'until'], expected('a time such as 2026-12-24 18:00', rule.until))
  return until
}

/** A date is its midnight and a time without a zone is this machine's. Null when it is neither. */
const timeOf = (text: string): string | null => {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d)?\s*(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text.trim(),
  )
  if (!match) return null
  const [, day, time = '00:00', zone = ''] = match
  const date = new Date(`${day}T${time}:00${zone}`)
  // 30 February would otherwise be a day in March.
  if (Number.isNaN(date.getTime()) || !isDay(day ?? '')) return null
  return date.toISOString()
}

const isDay = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

const ruleFrom = (entry: Partial<RuleEntry>, until: string | null): WrittenRule => {
  const { source, task, tag, kind, priority, text } = entry.match ?? {}
  return {
    name: entry.name ?? '',
    match: {
      source: listOf(source),
      task: listOf(task),
      tag: listOf(tag),
      kind: listOf(kind),
      priority: listOf(priority),
      text: listOf(text),
    },
    action: entry.then ?? 'silent',
    until,
    even: [...(entry.even ?? [])],
    reason: entry.reason ?? null,
  }
}

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : [value].flat()
