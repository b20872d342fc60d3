import { catchUps, restarts, taskKinds, taskPriorities } from '@mc/core/tasks/task.ts'
import { type Static, Type } from 'typebox'

/**
 * A task as a person writes it in the tasks file. Each `description` is what a mistake is told
 * with: "expected <description>, got …".
 */

const text = (description: string, maxLength = 10_000) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }))

const duration = (description: string) =>
  Type.Optional(
    Type.Union(
      [
        Type.String({ pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)?$' }),
        Type.Number({ minimum: 0, maximum: 86_400 }),
      ],
      { description: `${description} such as 30s, 5m or 2h (a bare number is seconds)` },
    ),
  )

const exitCodes = (description: string) =>
  Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { description }))

const closed = { additionalProperties: false }

export const HttpEntry = Type.Object(
  {
    method: Type.Optional(
      Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], {
        description: 'GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS',
      }),
    ),
    url: Type.String({
      pattern: '^(https?://|\\$\\{env:)',
      maxLength: 4_000,
      description: 'an http:// or https:// URL',
    }),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }),
        Type.String({ description: 'a text' }),
        {
          description: 'header names, each with its text',
        },
      ),
    ),
    body: text('the text to send', 1_000_000),
    expect: Type.Optional(
      Type.Object(
        {
          status: Type.Optional(
            Type.Union(
              [
                Type.Integer({ minimum: 100, maximum: 599 }),
                Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1 }),
              ],
              { description: 'an HTTP status, or a list of them' },
            ),
          ),
          contains: text('text that the answer must contain'),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const TaskEntry = Type.Object(
  {
    id: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
      description: 'a name of letters, digits, ".", "_" and "-"',
    }),
    title: text('a line of text', 200),
    description: text('text', 2_000),
    enabled: Type.Optional(Type.Boolean({ description: 'true or false' })),
    kind: Type.Optional(Type.Enum([...taskKinds], { description: 'command, http or background' })),
    cron: Type.Optional(
      Type.String({ description: 'a cron expression of five fields, or six with seconds first' }),
    ),
    timezone: text('an IANA time zone such as Europe/Berlin'),
    command: Type.Optional(
      Type.Union(
        [
          Type.Array(Type.String({ maxLength: 100_000 }), { minItems: 1 }),
          Type.String({ minLength: 1 }),
        ],
        { description: 'a list such as [df, -h], or with "shell: true" one line for the shell' },
      ),
    ),
    shell: Type.Optional(Type.Boolean({ description: 'true or false' })),
    http: Type.Optional(HttpEntry),
    overlap: Type.Optional(
      Type.Union(
        [
          Type.Enum(['skip', 'queue', 'replace']),
          Type.Object({ allow: Type.Integer({ minimum: 2, maximum: 100 }) }, closed),
        ],
        { description: 'skip, queue, replace or { allow: 2 } (up to 100 at once)' },
      ),
    ),
    catch_up: Type.Optional(Type.Enum([...catchUps], { description: 'latest, skip or all' })),
    jitter: duration('a duration'),
    timeout: duration('a duration above zero'),
    no_output: duration('a duration above zero'),
    restart: Type.Optional(
      Type.Enum([...restarts], { description: 'always, on-failure or never' }),
    ),
    beat: duration('a duration above zero'),
    retries: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 5, description: 'a whole number from 0 to 5' }),
    ),
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
        Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
          description: 'a text, a number, or true or false',
        }),
        { description: 'variable names, each with its text' },
      ),
    ),
    cwd: text('a folder'),
    priority: Type.Optional(
      Type.Enum([...taskPriorities], { description: taskPriorities.join(', ') }),
    ),
    success_codes: exitCodes('a list of exit codes from 0 to 255'),
    auth_codes: exitCodes('a list of exit codes from 0 to 255'),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { description: 'a list of words' }),
    ),
    credential: text('a name', 100),
    fingerprint: text('a name', 190),
  },
  { ...closed, description: 'a task: id, cron, and command or http' },
)
export type TaskEntry = Static<typeof TaskEntry>

const atOnce = Type.Integer({
  minimum: 1,
  maximum: 1_000,
  description: 'a whole number from 1 to 1000',
})

export const LimitsEntry = Type.Object(
  {
    total: Type.Optional(atOnce),
    tags: Type.Optional(
      Type.Record(Type.String(), atOnce, { description: 'tags, each with a whole number from 1' }),
    ),
  },
  { ...closed, description: 'limits of runs at once: { total: 8, tags: { backup: 1 } }' },
)
export type LimitsEntry = Static<typeof LimitsEntry>
