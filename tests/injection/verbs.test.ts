import { createActs } from '@mc/core/acts/acts.ts'
import type { Content } from '@mc/core/proposals/proposal.ts'
import { getProposal, insertProposal } from '@mc/core/proposals/rows.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { asAgent, asCli } from '../api/desk.ts'
import { attach } from '../api/mcp-client.ts'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { openDesk, setUp } from './desk.ts'

const closeStep = (ticket: string, status = 'cancelled') => ({
  do: 'close',
  name: 'a',
  ticket,
  status,
})
const another = (ticket: string) => proposal([closeStep(ticket, 'done')])
const proposal = (steps: object[], more: object = {}) => ({
  title: 'Do as it says',
  steps,
  ...more,
})

/** The table in docs/trust.md: what a Luci who obeys a digest's text tries, and what comes of it. */
t.test(
  'a digest that has taken Luci over gets a proposal to a person, and nothing more',
  async (t) => {
    const at = await openDesk(t)
    const { running } = at
    const everything = { env: 'all classes are unlocked' }
    for (const one of ['file_ticket', 'delegate_low_risk', 'delegate', 'alert', 'close'])
      t.equal(
        (await asCli(running, 'PUT', `/api/v1/autonomy/${one}`, { mode: 'trusted' })).statusCode,
        200,
        everything.env,
      )
    const { facts, carriers, world, turns } = await setUp(at, () => 'disk is a little full')
    const { ticket, fellow, foreign, turn } = facts
    const acts = createActs(running.db, running.clock)
    const done = await createTickets(running.db, running.clock).file(
      { title: 'Done before' },
      { actor: 'luci' },
    )
    const act = await acts.carryOut({
      class: 'file_ticket',
      proposalId: null,
      step: null,
      turnId: null,
      title: 'x',
      ref: done.key,
      before: null,
    })
    const user = await turns.queue({ text: 'What do you propose?', origin: 'user' })
    const content = proposal([closeStep(ticket)]) as Content
    const theirs = await insertProposal(running.db, running.clock, {
      ...{ turnId: user.id, origin: user.origin, content },
      ...{ itemId: null, replaces: null, reason: null },
    })
    const before = await world()
    const ask = (method: 'POST' | 'PUT' | 'PATCH', url: string, body?: object, right = turn) =>
      asAgent(running, method, url, body, right)

    const proposed = await ask('POST', '/api/v1/proposals', {
      ...proposal([closeStep(ticket)]),
      item: carriers.output,
    })
    t.ok(proposed.statusCode < 300, 'a proposal for its own item is taken')
    const waiting = proposed.json<{
      proposal: { id: string; state: string }
      outcome: string
      reason: string
    }>()
    t.match(
      waiting,
      { outcome: 'waits', proposal: { state: 'open' }, reason: /digest, so it always waits/ },
      'though all is unlocked',
    )
    const { id } = waiting.proposal

    const tried: [string, Parameters<typeof ask>, number | number[]][] = [
      ['propose without an item', ['POST', '/api/v1/proposals', another(ticket)], 403],
      [
        'propose for an item of nobody’s',
        ['POST', '/api/v1/proposals', { ...another(ticket), item: foreign }],
        403,
      ],
      ['accept its own proposal', ['POST', `/api/v1/proposals/${id}/accept`], 403],
      ['park its own proposal', ['POST', `/api/v1/proposals/${id}/park`], 403],
      ['refuse a proposal', ['POST', `/api/v1/proposals/${id}/refuse`], 403],
      ['ask itself for changes', ['POST', `/api/v1/proposals/${id}/changes`, { note: 'x' }], 403],
      ['take its own proposal back', ['POST', `/api/v1/proposals/${id}/withdraw`], 403],
      [
        'take back what waits for the person from a message of theirs',
        ['POST', `/api/v1/proposals/${theirs.id}/withdraw`],
        403,
      ],
      ['undo a proposal', ['POST', `/api/v1/proposals/${id}/undo`], 403],
      ['delegate a ticket', ['POST', `/api/v1/tickets/${ticket}/delegate`], 403],
      [
        'delegate it with a folder of its choice',
        ['POST', `/api/v1/tickets/${ticket}/delegate`, { folder: '/' }],
        403,
      ],
      ['close a ticket', ['POST', `/api/v1/tickets/${ticket}/move`, { status: 'done' }], 403],
      ['close it by editing', ['PATCH', `/api/v1/tickets/${ticket}`, { status: 'cancelled' }], 403],
      [
        'alert for an item of nobody’s',
        ['POST', '/api/v1/alerts', { title: 'x', item: foreign }],
        403,
      ],
      ['alert without an item', ['POST', '/api/v1/alerts', { title: 'x' }], 403],
      ['ask the person a question', ['POST', '/api/v1/questions', { text: 'Your password?' }], 403],
      ['unlock a class', ['PUT', '/api/v1/autonomy/delegate', { mode: 'trusted', cap: 1000 }], 403],
      [
        'turn the main switch',
        ['PUT', '/api/v1/settings/switches/autonomy', { value: 'trusted' }],
        403,
      ],
      ['pause', ['POST', '/api/v1/autonomy/pause', { workers: true }], 403],
      ['resume', ['POST', '/api/v1/autonomy/resume'], 403],
      ['undo what was done', ['POST', `/api/v1/acts/${act.id}/undo`], 403],
      ['call it wrong', ['POST', `/api/v1/acts/${act.id}/wrong`], 403],
      ['cancel a run', ['POST', '/api/v1/runs/abc/cancel'], 403],
      ['try a run again', ['POST', '/api/v1/runs/abc/retry'], 403],
      ['change the cap on costs', ['POST', '/api/v1/costs/cap', {}], 403],
      [
        'borrow the right of a waiting message',
        ['POST', `/api/v1/tickets/${ticket}/move`, { status: 'done' }, user.id],
        403,
      ],
      ['make up a turn', ['POST', `/api/v1/tickets/${ticket}/delegate`, {}, 'ffffff'], 403],
    ]
    for (const [what, call, status] of tried) {
      const answer = await ask(...call)
      t.ok(
        [status].flat().includes(answer.statusCode),
        `${what}: ${answer.statusCode} ${answer.body.slice(0, 120)}`,
      )
    }
    const lowered = await ask('POST', '/api/v1/inbox/resolve', {
      verdicts: [{ item: fellow, action: 'silent', reason: 'x' }],
    })
    t.equal(lowered.statusCode, 200, 'its own item it may judge; that is its work')

    const after = await world()
    t.same({ ...after, proposals: [] }, { ...before, proposals: [] }, 'nothing else has changed')
    t.equal(after.proposals.length, 2)
    t.equal((await getProposal(running.db, theirs.id)).state, 'open', 'what waited waits')
    t.match(await acts.get(act.id), { correction: null, undoneAt: null })
  },
)

t.test('a person’s verbs refuse Luci in a person’s own turn, on every front', async (t) => {
  const running = await startApp(t)
  const turns = createTurns(running.db, running.clock)
  const { id: turn } = await turns.queue({ text: 'Please', origin: 'user' })
  await turns.move(turn, ['queued'], 'typed', { profile: 'claude' })
  const ticket = await createTickets(running.db, running.clock).file(
    { title: 'Waits' },
    { actor: 'person' },
  )
  const proposed = await asAgent(
    running,
    'POST',
    '/api/v1/proposals',
    proposal([closeStep(ticket.key)]),
    turn,
  )
  const { id } = proposed.json<{ proposal: { id: string } }>().proposal
  const mc = mcFor(running)
  const asLuci = { env: { MC_CREDENTIAL: `${running.config.dataDir}/credentials/agent` } }
  for (const verb of [
    ['pause'],
    ['resume'],
    ['autonomy', 'trust', 'close'],
    ['autonomy', 'cap', 'close', '1000'],
    ['settings', 'set', 'autonomy', 'trusted'],
    ['act', 'undo', '1'],
    ['act', 'wrong', '1'],
    ['proposal', 'accept', id],
    ['proposal', 'refuse', id],
    ['question', 'answer', '1', 'yes'],
    ['run', 'cancel', 'abc'],
    ['luci', 'stop'],
    ['sign-in'],
  ]) {
    const ended = await mc(['--turn', turn, ...verb], asLuci)
    t.not(ended.exitCode, 0, `mc ${verb.join(' ')}`)
    t.match(`${ended.stdout}${ended.stderr}`, /Only a person may do this/, `mc ${verb.join(' ')}`)
  }
  const { client } = await attach(t, running)
  const { tools } = await client.listTools()
  const names = tools.map(({ name }) => name)
  t.ok(names.includes('propose'), 'the tools were listed')
  t.same(
    names
      .filter((name) =>
        /pause$|resume|accept|refuse|autonomy|trust|unlock|act_|undo|answer|cancel|retry|cap|switch|sign/.test(
          name,
        ),
      )
      .filter((name) => name !== 'task_pause'),
    [],
    'no tool is a person’s verb',
  )
})
