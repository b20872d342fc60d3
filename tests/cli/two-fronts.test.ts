import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { tools } from '@mc/api/mcp/tools.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { runMcHere } from '../support/mc-here.ts'

type Front = {
  tool: string
  /** The command with every field that its route takes; `in` goes to its stdin. */
  mc: string[]
  in?: object
}

/** Luci's verbs as the design's section 6 lists them, and what belongs to them. */
const verbs: Record<string, Front> = {
  'turn show': { tool: 'turn_show', mc: ['turn', 'show', '7f3a9c', '--compact'] },
  'ticket create': {
    tool: 'ticket_create',
    mc: ['ticket', 'create'],
    in: {
      ...{ title: 'x', body: 'x', status: 'todo', priority: 'low', labels: ['x'] },
      ...{ fingerprint: 'x', parentId: 1, due: '2026-12-01', item: 1 },
    },
  },
  'ticket show': { tool: 'ticket_show', mc: ['ticket', 'show', 'MC-1'] },
  'ticket list': {
    tool: 'ticket_list',
    mc: words(
      'ticket list --status todo --label x --priority low --source luci --text x --parent MC-1 --limit 5 --cursor 9',
    ),
  },
  'ticket comment': { tool: 'ticket_comment', mc: ['ticket', 'comment', 'MC-1', 'x'] },
  'ticket link': { tool: 'ticket_link', mc: ['ticket', 'link', 'MC-1', 'MC-2'] },
  'ticket move': {
    tool: 'ticket_move',
    mc: words('ticket move MC-1 done --resolution fixed --version 3'),
  },
  'ticket delegate': {
    tool: 'ticket_delegate',
    mc: words('ticket delegate MC-1 --folder . --review'),
  },
  propose: {
    tool: 'propose',
    mc: words('propose --item 4 --replaces abcdef'),
    in: { title: 'x', summary: 'x', steps: [], questions: [], parent: 'new' },
  },
  'proposal list': {
    tool: 'proposal_list',
    mc: words('proposal list --state open --of-turn 7f3a9c --limit 5 --cursor 9'),
  },
  'proposal show': { tool: 'proposal_show', mc: ['proposal', 'show', 'abcdef'] },
  'proposal withdraw': {
    tool: 'proposal_withdraw',
    mc: ['proposal', 'withdraw', 'abcdef', '--why', 'x'],
  },
  ask: { tool: 'ask', mc: ['ask', 'x', '--option', 'y', '--option', 'n', '--expires-in', '2h'] },
  'question list': {
    tool: 'question_list',
    mc: words('question list --state open --limit 5 --cursor 9'),
  },
  'question withdraw': { tool: 'question_withdraw', mc: ['question', 'withdraw', '3'] },
  'inbox list': {
    tool: 'inbox_list',
    mc: words('inbox list --status pending --source x --kind failed --limit 5 --cursor 9'),
  },
  'inbox show': { tool: 'inbox_show', mc: ['inbox', 'show', '3'] },
  'inbox resolve': {
    tool: 'inbox_resolve',
    mc: ['inbox', 'resolve'],
    in: [{ item: 1, action: 'silent', reason: 'x' }],
  },
  'task list': {
    tool: 'task_list',
    mc: words('task list --find x --tag x --state paused'),
  },
  'task run': { tool: 'task_run', mc: ['task', 'run', 'backup'] },
  'task pause': { tool: 'task_pause', mc: words('task pause backup --reason x --until 2h') },
  notify: {
    tool: 'notify',
    mc: ['notify'],
    in: { title: 'x', text: 'x', severity: 'normal', item: 1 },
  },
  status: { tool: 'status', mc: ['status'] },
}

/** What the command asks for by itself: all pages, or those that are open unless one says. */
const byItself: Record<string, readonly string[]> = {
  'ticket list': ['open'],
  'task list': ['cursor'],
}

t.test('every verb of Luci’s stands on both fronts, with every field of its route', async (t) => {
  const running = await startApp(t, { listen: false })
  const heard: { method: string; path: string; fields: string[] }[] = []
  const server = createServer(async (request, response) => {
    heard.push(await fieldsOf(request))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ items: [], next: null, tasks: {}, state: 'open' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const env = { MC_URL: `http://127.0.0.1:${port}`, MC_DATA_DIR: running.config.dataDir }

  t.same(
    tools.map(({ name }) => name).sort(),
    Object.values(verbs)
      .map(({ tool }) => tool)
      .sort(),
  )
  for (const [verb, front] of Object.entries(verbs)) {
    const tool = tools.find(({ name }) => name === front.tool)
    if (!tool) throw new Error(`There is no tool ${front.tool}`)
    const route = routeOf(running, tool)
    heard.length = 0
    const input = front.in ? { input: JSON.stringify(front.in) } : {}
    const { stderr } = await runMcHere(['--json', ...front.mc], { env, ...input })
    const pattern = new RegExp(`^${tool.url.replace(/:\w+/, '[^/]+')}(?:/timeline)?$`)
    const asked = heard.find(({ method, path }) => method === tool.method && pattern.test(path))
    t.ok(asked, `mc ${verb} asks ${tool.method} ${tool.url} ${stderr}`)
    const takes = Object.keys(
      ((tool.method === 'GET' ? route.schema?.querystring : route.schema?.body) as Fields)
        ?.properties ?? {},
    )
    const given = new Set([...(asked?.fields ?? []), ...(byItself[verb] ?? [])])
    t.same(
      takes.filter((name) => !given.has(name)),
      [],
      `mc ${verb} takes every field`,
    )
  }
})

t.test('what is a person’s alone has no tool, and mc refuses it to Luci', async (t) => {
  const running = await startApp(t)
  for (const tool of tools) {
    const { config } = routeOf(running, tool)
    const { may } = (config ?? {}) as { may?: string }
    t.ok(tool.method === 'GET' || (may && may !== 'person'), `${tool.name} may be hers`)
  }
  const mc = mcFor(running)
  const env = { MC_CREDENTIAL: `${running.config.dataDir}/credentials/agent` }
  const turn = await running.luci.send({ text: 'x', origin: 'user' })
  await running.luci.say(turn.id, 'y')
  const steps = [{ do: 'alert', name: 'a', title: 'x' }]
  const proposed = await mc(['--json', '--turn', turn.id, 'propose'], {
    env,
    input: JSON.stringify({ title: 'x', steps }),
  })
  const { proposal } = JSON.parse(proposed.stdout) as { proposal: { id: string } }
  for (const command of [
    ['question', 'answer', '1', 'yes'],
    ['proposal', 'accept', proposal.id],
    ['proposal', 'park', proposal.id],
    ['proposal', 'accept', 'x'],
    ['proposal', 'refuse', proposal.id],
    ['autonomy', 'trust', 'close'],
    ['pause', 'x'],
    ['resume'],
    ['act', 'undo', '1'],
    ['task', 'resume', 'backup'],
    ['run', 'cancel', 'abc'],
    ['luci', 'stop'],
    ['luci', 'switch', 'house'],
    ['sign-in'],
    ['send', '--no-wait', 'hello'],
    ['turn', 'edit', turn.id, 'x'],
    ['turn', 'remove', turn.id],
  ]) {
    const { exitCode, stderr } = await mc(['--turn', turn.id, ...command], { env })
    t.match({ exitCode, stderr }, { exitCode: 6, stderr: /Only a person/ }, command.join(' '))
  }
})

type Fields = { properties?: Record<string, unknown> } | undefined

function words(line: string): string[] {
  return line.split(' ')
}

const routeOf = ({ app }: RunningApp, { method, url }: { method: string; url: string }) => {
  const route = app.routeTable.find(
    (one) => one.method === method && one.url.replace(/\/$/, '') === url,
  )
  if (!route) throw new Error(`There is no route ${method} ${url}`)
  return route
}

const fieldsOf = async (request: IncomingMessage) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
  const body = await readAll(request)
  const fields = body === '' ? [...searchParams.keys()] : Object.keys(JSON.parse(body) as object)
  return { method: request.method ?? '', path: pathname, fields }
}
