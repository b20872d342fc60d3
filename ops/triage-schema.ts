#!/usr/bin/env node
/** `node ops/triage-schema.ts`: writes the JSON Schema of the rules file anew. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rulesSchema } from '@mc/core/triage/rules-schema.ts'

const path = join(import.meta.dirname, 'triage.schema.json')
writeFileSync(path, `${JSON.stringify(rulesSchema(), null, 2)}\n`)
