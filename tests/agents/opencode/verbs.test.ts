import t from 'tap'
import { openDesk } from '../battery/desk.ts'

/* OpenCode with the whole desk around it: mc, MCP, and messages that are pulled. */

t.setTimeout(600_000)

t.test('her verbs reach the desk', async (t) => {
  const desk = await openDesk('opencode')
  t.teardown(() => desk.close())
  await desk.idle()

  await t.test(
    'what does not fit into the input is pulled with mc, to the last character',
    async (t) => {
      const rows = Array.from({ length: 200 }, (_, at) => `row ${at} of a long message`).join('\n')
      t.match(await desk.ask(`${rows}\nECHO:end of it`), { state: 'answered', reply: 'end of it' })
      t.match(await desk.ask('ECHO:joined 👨‍👩‍👧 e\u0301'), { reply: 'joined 👨‍👩‍👧 e\u0301' })
    },
  )

  await t.test('the MCP tools are offered to her model, and called unasked', async (t) => {
    const turn = await desk.ask('MCP:status:{}')
    t.match(turn, { state: 'answered', reply: /^MCPDONE .*"profile":"opencode"/ })
    const tools = desk.model
      .about(turn.id)
      .at(-1)
      ?.asked?.tools.map(({ name }) => name)
    for (const verb of ['turn_show', 'inbox_list', 'inbox_resolve', 'ticket_create', 'ticket_list'])
      t.ok(tools?.includes(`mc_${verb}`), verb)
  })

  await t.test('a ticket is filed under the turn that asked for it', async (t) => {
    const id = await desk.send('TOOL:mc ticket create "From OpenCode"')
    t.match(await desk.ended(id), { state: 'answered' })
  })
})
