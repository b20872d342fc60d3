import { type Static, Type } from 'typebox'
import { itemKinds, priorities } from '../inbox/item.ts'
import { protectedThings, writtenActions } from './written-rule.ts'

/**
 * A rule as a person writes it in the rules file. Each `description` is what a mistake is told
 * with: "expected <description>, got …".
 */

const closed = { additionalProperties: false }

const oneOrMore = (description: string, maxLength = 200) => {
  const one = Type.String({ minLength: 1, maxLength })
  return Type.Optional(
    Type.Union([one, Type.Array(one, { minItems: 1, maxItems: 100 })], { description }),
  )
}

const someOf = (names: readonly string[], description: string) => {
  const one = Type.Enum([...names])
  return Type.Optional(Type.Union([one, Type.Array(one, { minItems: 1 })], { description }))
}

export const MatchEntry = Type.Object(
  {
    source: oneOrMore('a source such as scheduler or webhook/github ("*" is anything), or a list'),
    task: oneOrMore('a task’s id ("*" is anything), or a list'),
    tag: oneOrMore('a tag ("*" is anything), or a list'),
    kind: someOf(itemKinds, `one of ${itemKinds.join(', ')}, or a list`),
    priority: someOf(priorities, `${priorities.join(', ')}, or a list`),
    text: oneOrMore('words to be found in it ("*" is anything between), or a list', 500),
  },
  { ...closed, description: 'what the rule is about: source, task, tag, kind, priority, text' },
)

export const RuleEntry = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$',
      description: 'a name of letters, digits, ".", "_" and "-"',
    }),
    match: MatchEntry,
    // biome-ignore lint/suspicious/noThenProperty: it is the file's word, and no promise
    then: Type.Enum([...writtenActions], {
      description: 'silent, ticket, alert, alert+ticket, ask or mute',
    }),
    until: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'a time such as 2026-12-24 or 2026-12-24 18:00 (of this machine’s clock)',
      }),
    ),
    even: Type.Optional(
      Type.Array(Type.Enum([...protectedThings]), {
        minItems: 1,
        description: 'a list of auth and critical',
      }),
    ),
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'a line of text' }),
    ),
    enabled: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  { ...closed, description: 'a rule: name, match and then' },
)
export type RuleEntry = Static<typeof RuleEntry>
