import type { TSchema } from 'typebox'
import { LimitsEntry, TaskEntry } from './task-entry.ts'

/** What an editor shows beside a key: what it is for, and what happens without it. */
const about: Record<string, string> = {
  id: 'Names the task for good: its history hangs on it.',
  title: 'What pages and messages call it. Default: the id.',
  description: 'What it is for, shown on its page.',
  enabled: 'Whether it fires; false lets it rest in the file. Default: true.',
  kind: 'A program that ends, a request, or a program that is to keep running. Default: what "http" or "command" say.',
  cron: 'When it fires: minute hour day month weekday, or with seconds first, or @hourly, @daily, @weekly, @monthly, @yearly. A day of the month and a weekday together mean either; "+" before the weekday asks for both.',
  timezone: 'Of its calendar. Default: the file’s, else this machine’s.',
  command: 'Program and arguments, without a shell.',
  shell: 'Whether "command" is one line for /bin/sh. Default: false.',
  http: 'The request of an http task.',
  overlap:
    'What happens to a fire while it still runs: passed over, kept for after, it takes over, or beside it. Default: skip.',
  catch_up:
    'What happens to fires that nobody was there for: the newest runs, none does, or (ten at most) all. Default: latest.',
  jitter: 'The start is put off by a part of this, always the same part. Default: 0.',
  timeout: 'It is ended after this. Default: 10m for programs, 60s for requests.',
  no_output: 'It is ended when it says nothing for so long. Default: it may be silent.',
  retries: 'Further tries after a passing trouble. Default: 0.',
  restart: 'When a background task is started again. Default: always; with a cron: never.',
  beat: 'Without a sign of life for so long a background task counts as stuck. Default: a living process is sign enough.',
  env: `Variables of the program. \${env:NAME} and \${env:NAME:-otherwise} are filled in at run time and hidden in output.`,
  cwd: 'Where it runs. Default: the project’s folder.',
  priority: 'Of its outcomes in the inbox. Default: normal.',
  success_codes: 'Exit codes that mean success. Default: [0].',
  auth_codes: 'Exit codes that say its credential was refused. Default: [77].',
  tags: 'To find it by, and for limits of runs at once.',
  credential: 'What an auth failure is about: tasks that share it share one alert.',
  fingerprint: 'Names the trouble explicitly instead of by its error line.',
  'limits.total': 'Over all tasks.',
  'limits.tags': 'Over the tasks that bear a tag.',
  'http.method': 'Default: GET.',
  'http.expect.status': 'Default: any 2xx.',
}

/**
 * The JSON Schema of the tasks file, for editors (`ops/tasks.schema.json` is this, written by
 * `node ops/tasks-schema.ts`). What it cannot say, such as what a cron expression is, the
 * scheduler and `mc task check` say.
 */
export const tasksSchema = (): object => {
  const task = documented(TaskEntry)
  const file = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The tasks file of Mission Control',
    type: 'object',
    required: ['tasks'],
    additionalProperties: false,
    patternProperties: { '^x-': { description: 'For parts that tasks share by YAML anchors.' } },
    properties: {
      timezone: {
        type: 'string',
        description:
          'An IANA time zone such as Europe/Berlin, for tasks that name none. Default: this machine’s.',
      },
      limits: {
        ...documented(LimitsEntry, 'limits.'),
        description: 'How many runs may go on at once; what is over it waits.',
      },
      tasks: {
        anyOf: [{ type: 'array', items: { $ref: '#/definitions/task' } }, { type: 'null' }],
        description: 'What runs, and when.',
      },
    },
    definitions: {
      task: {
        ...task,
        allOf: [
          {
            anyOf: [
              { required: ['cron'] },
              { required: ['kind'], properties: { kind: { const: 'background' } } },
            ],
          },
          { oneOf: [{ required: ['command'] }, { required: ['http'] }] },
        ],
      },
    },
  }
  // Once through JSON: what TypeBox keeps for itself stays behind.
  return JSON.parse(JSON.stringify(file)) as object
}

/** Each property with what it is for before what is expected. */
const documented = (schema: TSchema, whose = ''): object => {
  const { properties } = schema as { properties?: Record<string, TSchema> }
  if (!properties) return schema
  const described = Object.entries(properties).map(([key, property]) => {
    const inner = documented(property, `${whose}${key}.`) as { description?: string }
    const expected = inner.description ? `Expected: ${inner.description}.` : ''
    const description = [about[whose + key], expected].filter(Boolean).join(' ')
    return [key, description === '' ? inner : { ...inner, description }]
  })
  return { ...schema, properties: Object.fromEntries(described) }
}
