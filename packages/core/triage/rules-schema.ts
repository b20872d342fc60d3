import type { TSchema } from 'typebox'
import { MatchEntry, RuleEntry } from './rule-entry.ts'

/** What an editor shows beside a key. */
const about: Record<string, string> = {
  name: 'Names the rule in the audit: "rule:user:<name>".',
  match: 'What it is about. Every key must agree; of a list, one entry.',
  // biome-ignore lint/suspicious/noThenProperty: it is the file's word, and no promise
  then: 'What becomes of it. ask: Luci decides. mute: silent until a time.',
  until: 'When a mute ends. A date is its midnight; without a zone it is this machine’s time.',
  even: 'What it may silence that no rule silences unasked: refused credentials, critical items.',
  reason: 'Why, for the audit.',
  enabled: 'false lets it rest in the file. Default: true.',
  source: 'Who posted it, or who and what: "webhook" or "webhook/github".',
  task: 'The task’s id.',
  tag: 'A tag of the task.',
  kind: 'What it tells. Without it a rule is about everything but "ok".',
  priority: 'As its poster gave it.',
  text: 'Words in its message, cause or the end of its output. Case does not matter.',
}

/**
 * The JSON Schema of the rules file, for editors (`ops/triage.schema.json` is this, written by
 * `pnpm run schema`). What it cannot say, `mc triage check` says.
 */
export const rulesSchema = (): object => {
  const rule = documented(RuleEntry)
  const file = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The rules file of Mission Control',
    type: 'object',
    required: ['rules'],
    additionalProperties: false,
    patternProperties: { '^x-': { description: 'For parts that rules share by YAML anchors.' } },
    properties: {
      rules: {
        anyOf: [{ type: 'array', items: { $ref: '#/definitions/rule' } }, { type: 'null' }],
        description: 'The first that matches decides.',
      },
    },
    definitions: {
      rule: {
        ...rule,
        properties: {
          ...(rule as { properties: object }).properties,
          match: { ...documented(MatchEntry), minProperties: 1 },
        },
        // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema, and the file's word
        if: { properties: { then: { const: 'mute' } } },
        // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
        then: { required: ['until'] },
        else: { properties: { until: false } },
      },
    },
  }
  // Once through JSON: what TypeBox keeps for itself stays behind.
  return JSON.parse(JSON.stringify(file)) as object
}

const documented = (schema: TSchema): object => {
  const { properties } = schema as unknown as { properties: Record<string, TSchema> }
  const described = Object.entries(properties).map(([key, property]) => {
    const { description } = property as { description?: string }
    const expected = description ? `Expected: ${description}.` : ''
    return [key, { ...property, description: [about[key], expected].filter(Boolean).join(' ') }]
  })
  return { ...schema, properties: Object.fromEntries(described) }
}
