import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { credentialFile, ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { createWebhookCredentials } from '@mc/core/credentials/webhooks.ts'
import type { Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const folder = (t: Test): string => {
  const path = mkdtempSync(join(tmpdir(), 'mc-cred-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

onEachDatabase('a token is known by its hash alone, and by its kind', async (t, db) => {
  const credentials = createCredentials(db, createTestClock())
  const { token } = await credentials.issue('cli')
  t.match(await credentials.verify(token, ['cli', 'agent']), { kind: 'cli' })
  t.equal(await credentials.verify(token, ['agent']), null)
  t.equal(await credentials.verify(`${token}x`, ['cli']), null)
  const rows = await db.kysely.selectFrom('credentials').selectAll().execute()
  t.notOk(JSON.stringify(rows).includes(token))
})

onEachDatabase('a sign-in link works once', async (t, db) => {
  const credentials = createCredentials(db, createTestClock())
  const { token } = await credentials.issue('sign_in', { ttlMs: 600_000 })
  const both = await Promise.all([credentials.redeem(token), credentials.redeem(token)])
  t.equal(both.filter(Boolean).length, 1)
  const session = both.find(Boolean)
  t.match(await credentials.verify(session?.token ?? '', ['browser']), { kind: 'browser' })
})

onEachDatabase('a sign-in link is good for ten minutes, a session for its time', async (t, db) => {
  const clock = createTestClock()
  const credentials = createCredentials(db, clock)
  const link = await credentials.issue('sign_in', { ttlMs: 600_000 })
  const session = await credentials.issue('browser', { ttlMs: 1_000_000 })
  await clock.advance(601_000)
  t.equal(await credentials.redeem(link.token), null)
  t.ok(await credentials.verify(session.token, ['browser']))
  await clock.advance(400_000)
  t.equal(await credentials.verify(session.token, ['browser']), null)
})

onEachDatabase('a revoked credential is refused', async (t, db) => {
  const credentials = createCredentials(db, createTestClock())
  const { id, token } = await credentials.issue('browser', { ttlMs: 1_000 })
  await credentials.revoke(id)
  t.equal(await credentials.verify(token, ['browser']), null)
})

onEachDatabase('a credential file is made once, for its owner alone', async (t, db) => {
  const dataDir = folder(t)
  const credentials = createCredentials(db, createTestClock())
  const token = await ensureCredentialFile(credentials, dataDir, 'cli')
  t.equal(statSync(credentialFile(dataDir, 'cli')).mode & 0o777, 0o600)
  t.equal(await ensureCredentialFile(credentials, dataDir, 'cli'), token)
  t.ok(await credentials.verify(token, ['cli']))
})

onEachDatabase('a file that outlived its database is taken in again', async (t, db) => {
  const dataDir = folder(t)
  const credentials = createCredentials(db, createTestClock())
  const token = await ensureCredentialFile(credentials, dataDir, 'agent')
  await db.kysely.deleteFrom('credentials').execute()
  t.equal(await ensureCredentialFile(credentials, dataDir, 'agent'), token)
  t.ok(await credentials.verify(token, ['agent']))
})

onEachDatabase('a file whose token was revoked gets a new one', async (t, db) => {
  const dataDir = folder(t)
  const credentials = createCredentials(db, createTestClock())
  const token = await ensureCredentialFile(credentials, dataDir, 'cli')
  await credentials.revokeAll('cli')
  const next = await ensureCredentialFile(credentials, dataDir, 'cli')
  t.not(next, token)
  t.equal(readFileSync(credentialFile(dataDir, 'cli'), 'utf8').trim(), next)
  t.equal(await credentials.verify(token, ['cli']), null)
})

onEachDatabase('a file that holds no token is replaced', async (t, db) => {
  const dataDir = folder(t)
  const credentials = createCredentials(db, createTestClock())
  await ensureCredentialFile(credentials, dataDir, 'cli')
  writeFileSync(credentialFile(dataDir, 'cli'), '')
  const token = await ensureCredentialFile(credentials, dataDir, 'cli')
  t.ok(await credentials.verify(token, ['cli']))
})

onEachDatabase('of two webhooks made at once under one name one is there', async (t, db) => {
  const webhooks = createWebhookCredentials(db, createTestClock(), async () => Buffer.alloc(32))
  for (let round = 0; round < 6; round += 1)
    await Promise.allSettled([
      webhooks.create(`ci ${round}`, null),
      webhooks.create(`ci ${round}`, null),
    ])
  t.equal((await webhooks.list()).length, 6)
})
