import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tasksSchema } from '@mc/scheduler/tasks-schema.ts'
import t from 'tap'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { projectFolder } from '../support/tasks.ts'

const read = (name: string) => readFileSync(join(projectFolder, 'ops', name), 'utf8')

t.test('the published schema is the one that the scheduler reads by', async (t) => {
  t.same(JSON.parse(read('tasks.schema.json')), tasksSchema(), 'run: npx -y pnpm@12 run schema')
})

t.test('the shipped tasks file names the schema and keeps to it', async (t) => {
  const text = read('tasks.yaml')
  t.match(text, /^# yaml-language-server: \$schema=\.\/tasks\.schema\.json\n/)
  t.ok(Schema.Check(tasksSchema(), parse(text)))
})

t.test('an editor marks what the schema does not know', async (t) => {
  const ok = (task: object) => Schema.Check(tasksSchema(), { tasks: [task] })
  const sound = { id: 'a', cron: '@daily', command: ['x'] }
  t.ok(ok(sound))
  t.ok(ok({ id: 'a', kind: 'background', command: ['x'], beat: '2m' }))
  t.ok(ok({ id: 'a', cron: '@daily', http: { url: 'https://example.com' } }))
  t.notOk(ok({ ...sound, comand: ['x'] }), 'a misspelt key')
  t.notOk(ok({ id: 'a', command: ['x'] }), 'no cron')
  t.notOk(ok({ id: 'a', cron: '@daily' }), 'nothing to run')
  t.notOk(ok({ ...sound, timeout: 'soon' }), 'no duration')
  t.notOk(ok({ ...sound, overlap: { allow: 1 } }), 'one is no "beside"')
})

t.test('every key says in an editor what it is for', async (t) => {
  const { properties } = (tasksSchema() as { definitions: { task: { properties: object } } })
    .definitions.task
  for (const [key, property] of Object.entries(properties))
    t.match(property.description, /^[A-Z“].{10,}\./, key)
})
