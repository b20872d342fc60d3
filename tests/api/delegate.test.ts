import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Around, whyItWaits } from '@mc/api/tickets/work.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { asAgent, openPage, signInBy, submit } from './desk.ts'

const by = { actor: 'person' }

t.test(
  'a person hands a ticket over, stops it and has it tried again, without script',
  async (t) => {
    const running = await startApp(t, { env: { MC_WORKER_COMMAND: 'claude' } })
    const { db, clock, config } = running
    const folder = join(config.workers.folder, 'site')
    mkdirSync(folder, { recursive: true })
    const tickets = createTickets(db, clock)
    const runs = createRuns(db, clock)
    const before = await tickets.file({ title: 'first' }, by)
    const ticket = await tickets.file({ title: 'second' }, by)
    await tickets.link(ticket.id, before.id, by)
    const session = await signInBy(running)
    const path = `/tickets/${ticket.key}`
    const send = (url: string, fields: Record<string, string> = {}) =>
      submit(running, session, url, { _back: path, ...fields })
    const page = async (url = path) => (await openPage(running, session, url)).body

    t.match(await page(), /begins it by itself when MC-1 is done/)
    const wrong = await send(`/api/v1/tickets/${before.key}/delegate`, { folder: 'nowhere' })
    t.equal(wrong.statusCode, 303, 'said on the page it came from')
    t.same(await runs.open(), [])

    await send(`/api/v1${path}/delegate`, { folder: 'site', review: 'false' })
    const [run] = await runs.open()
    t.match(run, { cwd: folder, review: false, requestedBy: 'person' })
    const waits = await page()
    t.match(waits, /It begins by itself when MC-1 is done\./)
    t.match(waits, /its ticket is done with it/)
    t.match(waits, new RegExp(`action="/api/v1/runs/${run?.id}/cancel"`))

    t.match(
      await page(`/runs/${run?.id}`),
      /It begins by itself when MC-1 is done\./,
      'its own page says so too',
    )

    await send(`/api/v1/runs/${run?.id}/cancel`)
    t.match(await runs.get(run?.id ?? ''), { status: 'cancelled' })
    t.match(await page(`/runs/${run?.id}`), new RegExp(`action="/api/v1/runs/${run?.id}/retry"`))
    await send(`/api/v1/runs/${run?.id}/retry`)
    t.match(await runs.open(), [{ retryOf: run?.id, cwd: folder, review: false }])
    const twice = await send(`/api/v1/runs/${run?.id}/retry`)
    t.equal(twice.statusCode, 303)
    t.equal((await runs.open()).length, 1)

    const agent = await asAgent(running, 'POST', `/api/v1/runs/${run?.id}/retry`)
    t.equal(agent.statusCode, 403, 'it is a person’s verb')

    const mc = mcFor(running)
    const [open] = await runs.open()
    t.match((await mc(['run', 'cancel', open?.id ?? ''])).stdout, /was cancelled/)
    const over = ['ticket', 'delegate', ticket.key, '--folder', folder, '--review']
    t.match(
      (await mc(over)).stdout,
      /MC-2 is handed to a worker.*begins by itself when MC-1 is done/,
    )
    const [handed] = await runs.open()
    t.match(handed, { review: true, retryOf: null })
    await tickets.move(before.id, 'done', by)
    t.match((await mc(['pause', 'lunch'])).stdout, /paused: lunch\./)
    for (const args of [
      ['ticket', 'show', ticket.key],
      ['run', 'show', handed?.id ?? ''],
    ])
      t.match((await mc(args)).stdout, /Nothing is begun now: .* paused: lunch\./, args.join(' '))
    t.match((await mc(['run', 'show', open?.id ?? ''])).stdout, new RegExp(`in ${folder}`))
    const own = `/runs/${handed?.id}`
    t.match(await page(own), /Nothing is begun now: .* paused: lunch\./)
    await mc(['resume'])
    t.match(await page(own), /No pickup is running that could begin it/)
    await createWorkers(db, clock).hello('pickup')
    t.match(await page(own), /Pickup begins it as soon as a worker is free/)
    await runs.start(handed?.id ?? '', 'w-1')
    t.notMatch(await page(own), /Pickup begins it/)
  },
)

t.test('why work waits names the first thing that must change', async (t) => {
  const run = { id: 'a', ticketId: 9, cwd: '/site' } as Run
  const around: Around = {
    workers: { ...({} as Around['workers']), command: ['true'], countMax: 1 },
    ...{ blockers: [], others: [], held: null, hasPickup: true },
  }
  const says = (more: Partial<Around>) => whyItWaits(run, { ...around, ...more })
  t.match(says({ workers: { ...around.workers, countMax: 0 } }), /MC_WORKERS is 0/)
  t.match(says({ hasPickup: false }), /No pickup is running/)
  t.match(says({ others: [run] }), /The worker of MC-9 is in its folder/)
  t.equal(
    says({ others: [{ ...run, cwd: '/other' }] }),
    '1 worker is at work, and MC_WORKERS is 1: it begins when one is done.',
  )
  t.match(says({}), /as soon as a worker is free/)
})
