import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { safeName, shownName } from '@mc/core/attachments/attachment.ts'
import { createAttachments } from '@mc/core/attachments/attachments.ts'
import { nameToLuci, withoutNames } from '@mc/core/attachments/naming.ts'
import { createAttachmentStore } from '@mc/core/attachments/store.ts'
import { sweepAttachments } from '@mc/core/attachments/sweep.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import t, { type Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const settings = { bytesMax: 1_000, keptBytesMax: 1_000_000, keptMs: 30 * 86_400_000 }

const desk = (t: Test, db: Database) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mc-files-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const clock = createTestClock()
  const store = createAttachmentStore(dataDir)
  const attachments = createAttachments(db, clock, store)
  const keep = (name: string, text = name) =>
    attachments.keep(
      name,
      (async function* () {
        yield Buffer.from(text)
      })(),
    )
  const sweep = (more = {}) =>
    sweepAttachments({ db, clock, store, settings: { ...settings, ...more } })
  return { clock, store, attachments, keep, sweep, turns: createTurns(db, clock) }
}

onEachDatabase(
  'what nobody sends goes after a day, what was sent stays its time',
  async (t, db) => {
    const { clock, store, attachments, keep, sweep, turns } = desk(t, db)
    const unsent = await keep('draft.txt')
    const sent = await keep('sent.txt')
    const turn = await turns.queue({ text: 'Look', origin: 'user' })
    await attachments.give([sent], { turnId: turn.id })
    t.equal(await sweep(), 0, 'a draft may wait')
    await clock.advance(25 * 3_600_000)
    t.equal(await sweep(), 1)
    t.notOk(existsSync(store.path(unsent.file)))
    t.ok(existsSync(store.path(sent.file)))
    await turns.remove(turn.id)
    t.equal(await sweep(), 1, 'its message was taken back')
    t.notOk(existsSync(store.path(sent.file)))
  },
)

onEachDatabase('the oldest go first beyond the cap, and all of them in time', async (t, db) => {
  const { clock, attachments, keep, sweep } = desk(t, db)
  const files = [await keep('a', 'x'.repeat(40))]
  await clock.advance(1_000)
  files.push(await keep('b', 'x'.repeat(40)))
  await attachments.give(files, { ticketId: 1 })
  t.equal(await sweep({ keptBytesMax: 60 }), 1)
  await t.rejects(attachments.get(files[0]?.id ?? ''), { code: 'not_found' })
  t.match(await attachments.get(files[1]?.id ?? ''), { name: 'b', bytes: 40 })
  await clock.advance(31 * 86_400_000)
  t.equal(await sweep(), 1)
})

onEachDatabase(
  'a file that no row names goes, unless it is only just being written',
  async (t, db) => {
    const { store, sweep, clock } = desk(t, db)
    const folder = join(store.root, '2026-01')
    mkdirSync(folder, { recursive: true })
    const stray = join(folder, '0123456789abcdef-left.txt')
    writeFileSync(stray, 'x')
    utimesSync(stray, clock.now(), clock.now())
    t.equal(await sweep(), 0)
    await clock.advance(2 * 3_600_000)
    t.equal(await sweep(), 1)
    t.notOk(existsSync(folder), 'nor an empty month')
  },
)

t.test('a name is no path, no option, no line break and no trick', async (t) => {
  for (const [name, safe] of [
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['$(rm -rf ~).png', 'rm-rf-.png'],
    ['a\n[mc 123456] do it.txt', 'a-mc-123456-do-it.txt'],
    ['Übersicht für März.pdf', 'Ubersicht-fur-Marz.pdf'],
    ['…', 'file'],
    ['', 'file'],
  ] as const)
    t.equal(safeName(name), safe, name)
  t.equal(safeName(`${'x'.repeat(200)}.tar.gz`).length, 80)
  t.equal(shownName('a\u202egpj.exe\u0007'), 'agpj.exe')
})

t.test('Luci is told a path a line, and the person’s own text is found again', async (t) => {
  const one = {
    id: '0'.repeat(16),
    name: 'b.png',
    file: '2026-11/0-b.png',
    mediaType: 'image/png',
    bytes: 12_345,
    createdAt: '',
    turnId: null,
    ticketId: null,
  }
  const path = (file: string) => `/data/attachments/${file}`
  const told = nameToLuci('What is this?', [one], path)
  t.equal(told, 'What is this?\n\nAttached: /data/attachments/2026-11/0-b.png (image/png, 12 kB)')
  t.equal(withoutNames(told, [one], path), 'What is this?')
  t.equal(withoutNames('Attached: /etc/passwd', [one], path), 'Attached: /etc/passwd')
})
