#!/usr/bin/env node
/** `node ops/tasks-schema.ts`: writes the JSON Schema of the tasks file anew. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tasksSchema } from '@mc/scheduler/tasks-schema.ts'

const path = join(import.meta.dirname, 'tasks.schema.json')
writeFileSync(path, `${JSON.stringify(tasksSchema(), null, 2)}\n`)
