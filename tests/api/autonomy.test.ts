import { presentAct } from '@mc/api/autonomy/present.ts'
import { createActs } from '@mc/core/acts/acts.ts'
import type { SeenAct } from '@mc/core/acts/seen.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { createTestDesk } from '../support/desk.ts'
import { mcFor } from '../support/mc.ts'
import { asCli, openPage, signInBy, submit } from './desk.ts'

t.test('a class is unlocked, used, undone and locked again on the pages alone', async (t) => {
  const running = await startApp(t, { listen: false })
  const { db, clock } = running
  const session = await signInBy(running)
  const page = async (url: string) => (await openPage(running, session, url)).body
  t.match(await page('/settings'), /Close tickets <span class="state quiet">Proposed/)
  t.notMatch(await page('/settings'), '<dd>0</dd>', 'what never was is left out')
  const set = (one: string, fields: Record<string, string>) =>
    submit(running, session, `/api/v1/autonomy/${one}`, { _back: '/settings', ...fields })
  t.equal((await set('close', { mode: 'trusted' })).statusCode, 303)
  t.equal((await set('close', { cap: '7' })).statusCode, 303)
  t.match(await page('/settings'), /Done at once[\s\S]*0 of 7 today[\s\S]*hardly a record/)

  const turn = await createTurns(db, clock).queue({ text: 'Close it', origin: 'user' })
  await createTurns(db, clock).move(turn.id, ['queued'], 'answered', { reply: 'Closed.' })
  const tickets = createTickets(db, clock)
  const acts = createActs(db, clock)
  const close = async (title: string) => {
    const { id, key } = await tickets.file({ title, status: 'review' }, { actor: 'person' })
    await tickets.move(id, 'done', { actor: 'luci' })
    const act = await acts.carryOut({
      class: 'close',
      proposalId: null,
      step: null,
      turnId: turn.id,
      title,
      ref: key,
      before: { status: 'review' },
    })
    return { act: act.id, id, key }
  }
  const one = await close('<b>One</b>')
  for (const url of ['/', `/tickets/${one.key}`, '/acts', `/partials/turns/${turn.id}/acts`]) {
    const body = await page(url)
    t.match(body, `/api/v1/acts/${one.act}/undo`, `${url} offers Undo`)
    t.notMatch(body, '<b>One</b>', 'a title is text')
  }
  const undo = `/api/v1/acts/${one.act}/undo`
  t.equal((await submit(running, session, undo, { _back: '/' })).statusCode, 303)
  t.match(await tickets.get(one.id), { status: 'review' })
  t.match((await asCli(running, 'POST', undo)).json(), { status: 409, detail: /undone already/ })
  const two = await close('Two')
  const wrong = { _back: '/', note: 'No' }
  await submit(running, session, `/api/v1/acts/${two.act}/wrong`, wrong)
  t.match(await page('/settings'), /Locked again\.[\s\S]*2 were undone or called wrong on one day/)
  await set('close', { mode: 'trusted' })
  t.match((await asCli(running, 'GET', '/api/v1/autonomy')).json(), {
    classes: [{}, {}, {}, {}, { class: 'close', mode: 'advisor', locked: /2 were/ }],
  })
  await set('close', { mode: 'trusted', seen: 'true' })
  t.match((await asCli(running, 'GET', '/api/v1/autonomy')).json(), {
    classes: [{}, {}, {}, {}, { class: 'close', mode: 'trusted', locked: null, acts: true }],
  })
  const shadow = '/settings?days=7&trust=close&trust=file_ticket'
  t.match(await page(shadow), /Close tickets<\/b>: 2 of 2 would have been done at once/)
  t.equal((await openPage(running, session, '/settings?days=7&trust=me')).statusCode, 400)

  const moved = await close('Moved on')
  await tickets.move(moved.id, 'doing', { actor: 'person' })
  for (const url of ['/', `/tickets/${moved.key}`, '/acts', `/partials/turns/${turn.id}/acts`]) {
    const body = await page(url)
    t.notMatch(body, `/api/v1/acts/${moved.act}/undo`, `${url} offers no Undo that must be refused`)
    t.match(body, `No undo: ${moved.key} is doing by now`, `${url} says why`)
  }
  t.match((await asCli(running, 'GET', `/api/v1/acts/${moved.act}`)).json(), {
    undoable: false,
    notUndoable: `${moved.key} is doing by now`,
  })
})

t.test('mc pauses, says so on every page, and the fallback decides until it resumes', async (t) => {
  const clock = createTestClock()
  const running = await startApp(t, { clock })
  const desk = createTestDesk(running.db)
  const inbox = createInbox(running.db, desk.clock)
  const mc = mcFor(running)
  const session = await signInBy(running)
  await desk.luciIsUp()
  const { id: sent } = await inbox.post({ source: 'cron', message: 'the fan is loud' })
  await desk.drain()
  await desk.clock.advance(31_000)
  await desk.luciIsUp()
  await desk.drain()
  const digest = (await createTurns(running.db, clock).open()).find((one) => one.digestId)
  t.ok(digest, 'a digest is with her')
  t.match(await mc(['pause', 'moving', 'house']), { exitCode: 0, stdout: /is paused/ })
  for (const url of ['/', '/board', '/settings'])
    t.match(
      (await openPage(running, session, url)).body,
      /Autonomous action is paused: moving house/,
    )
  t.match(await mc(['status']), { stdout: /Held +Autonomous action is paused: moving house/ })
  const { id: later } = await inbox.post({ source: 'cron', message: 'the door squeaks' })
  await desk.drain()
  const reason = /^Autonomous action is paused: moving house\. /
  for (const id of [sent, later])
    t.match(await inbox.find(id), { status: 'processed', decidedBy: 'fallback', reason })
  t.match(await createTurns(running.db, clock).get(digest?.id ?? ''), { state: 'interrupted' })
  t.equal((await desk.digests.breaker()).silent, 0, 'she did not let it go by')
  t.match(await mc(['resume']), { exitCode: 0, stdout: /No longer paused/ })
  await inbox.post({ source: 'cron', message: 'the lamp is odd' })
  await desk.drain()
  t.ok(await desk.digests.open(), 'she is asked again')
  t.match(await mc(['autonomy', 'trust', 'alert']), {
    stdout: /at most 20 a day[\s\S]*hardly a record/,
  })
  t.match(await mc(['autonomy', 'cap', 'delegate', '0']), { stdout: /none is done at once/ })
  t.match(await mc(['autonomy', 'show', '--history']), {
    stdout: /alert +trusted[\s\S]*paused {2}by person/,
  })
  t.match(await mc(['autonomy', 'shadow', '--days', '3', '--trust', 'all']), {
    stdout: /file_ticket/,
  })
  t.match(await mc(['act']), { stdout: /Nothing yet/ })
})

t.test('handed to a worker is said only of what a run came of', async (t) => {
  const what = (before: SeenAct['before']) =>
    presentAct({ class: 'delegate', ref: 'MC-1', before } as SeenAct).what
  t.equal(what({ status: 'todo', run: '0123456789abcdef' }), 'Handed to a worker')
  t.equal(what({ status: 'todo' }), 'To be worked on', 'for Luci, or with no worker')
  t.equal(what(null), 'To be worked on', 'parked')
})
