#!/usr/bin/env node
/** `node ops/openapi.ts`: writes the document of the api anew, as /api/openapi.json answers it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '@mc/api/app.ts'
import { openBell } from '@mc/core/bell.ts'
import { systemClock as clock } from '@mc/core/clock.ts'
import { readConfig } from '@mc/core/config.ts'
import { silentLog as log } from '@mc/core/log.ts'
import { createLuci } from '@mc/core/luci/luci.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'

const root = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
}
const dataDir = mkdtempSync(join(tmpdir(), 'mc-openapi-'))
const config = readConfig({ MC_DATA_DIR: dataDir }, root)
const db = openDatabase(config.database)
await migrate(db)
const bell = await openBell(db, clock)
// Never opened: no session is begun.
const luci = createLuci({ db, bell, clock, log, config: config.luci, dataDir, apiUrl: '', env: {} })
const app = await buildApp({ db, bell, clock, log, config, luci, version })
writeFileSync(join(root, 'ops', 'openapi.json'), `${inLines(app.describeApi())}\n`)
await app.close()
await bell.close()
await db.close()
rmSync(dataDir, { recursive: true, force: true })

/** A line for each path and each part: half the size of all on lines of their own, and a change is seen. */
function inLines(document: object): string {
  const lines = (value: object, indent: string): string =>
    Object.entries(value)
      .map(([key, one]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(one)}`)
      .join(',\n')
  const parts = Object.entries(document).map(([key, value]) =>
    key === 'paths' || key === 'components'
      ? `  ${JSON.stringify(key)}: {\n${lines(value as object, '    ')}\n  }`
      : `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  )
  return `{\n${parts.join(',\n')}\n}`
}
