import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { onEachDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const KILLS = 8

/** A worker whose words are kept, also those of before it was killed. */
const startDraining = (target: string, name: string, words: string[]) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../fixtures/drains.ts'), target, name],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } },
  )
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    words.push(...lines)
  })
  return child
}

const kill = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGKILL')
  })

onEachDatabase(
  'however often workers are killed, no item is lost and none is settled twice',
  async (t, db) => {
    const target = db.dialect === 'sqlite' ? db.path : db.url
    const words: string[] = []
    const workers = ['a', 'b'].map((name) => startDraining(target, name, words))
    t.teardown(() => Promise.all(workers.map(kill)))
    for (let round = 0; round < KILLS; round++) {
      const slot = round % workers.length
      const seen = words.length
      await until('the workers to get on with it', () => words.length > seen + 20)
      await kill(workers[slot] as ChildProcess)
      workers[slot] = startDraining(target, `w${round}`, words)
    }
    await Promise.all(workers.splice(0).map(kill))

    const inbox = createInbox(db, systemClock)
    await until('every lease of the dead to expire and every item to be settled', async () => {
      const items = await inbox.claim({ countMax: 500, by: 'heir' })
      for (const item of items)
        if (await inbox.settle(item, { action: 'silent', decidedBy: 'heir', reason: 'drained' }))
          words.push(`settled ${item.id}`)
      const open = await db.kysely
        .selectFrom('orchestrator_inbox')
        .select('id')
        .where('status', 'in', ['pending', 'claimed'])
        .limit(1)
        .execute()
      return open.length === 0
    })

    const rows = await db.kysely.selectFrom('orchestrator_inbox').select('id').execute()
    const there = new Set(rows.map((row) => `posted ${row.id}`))
    const posted = words.filter((word) => word.startsWith('posted'))
    const settled = words.filter((word) => word.startsWith('settled'))
    t.ok(posted.length > KILLS * 3, `${posted.length} posts were promised`)
    t.same(
      posted.filter((word) => !there.has(word)),
      [],
      'every promised post is there',
    )
    t.equal(new Set(settled).size, settled.length, 'no item was settled twice')
  },
)
