import type {
  Alert,
  ItemFacts,
  Proposed,
  Run,
  StatusFacts,
  TaskView,
  Ticket,
  TicketEvent,
} from './facts.ts'

/** Facts → what the house responder says. Plain Markdown, the answer first. */

const INTRODUCTION =
  'I am the house responder: a small program, no model. I know this desk, and I do what the words below say.'

export const helpReply = (): string =>
  [
    INTRODUCTION,
    '',
    '- **what needs me?** · **status** · **what failed?** · **what is scheduled?** · **inbox** · **alerts**',
    '- **list tickets** · **show MC-3**',
    '- **file: a title** (more lines become the body) · **remind me to …**',
    '- a list of bullets becomes a proposal of tickets; a numbered list, one after the other; **(worker)** or **(Luci)** at the end of one says who does it',
    '',
    'For reasoning, attach an agent program: ask me "how do I attach an agent?"',
  ].join('\n')

export const helloReply = (): string =>
  'Hello. Ask me "what needs me?" or "status", or write "file: …" and I file a ticket. "help" lists the rest.'

export const thanksReply = (): string => 'You are welcome.'

/** What was not understood is said back in what can be done with it. */
export const unknownReply = (text: string): string => {
  const title = text.split('\n')[0]?.slice(0, 60) ?? ''
  return [
    `I have no model behind me, so I cannot reason about "${title}".`,
    '',
    `- To keep it as a ticket, write **file: ${title}**`,
    '- To see what I can answer, write **help**',
    '- To talk to a real agent, ask **how do I attach an agent?**',
  ].join('\n')
}

export const agentsReply = (found: StatusFacts['luci']['found']): string =>
  [
    found.length > 0
      ? `On this machine I found ${list(found.map(({ profile }) => profile))}. To put it in my place: \`npx -y pnpm@12 mc luci switch ${found[0]?.profile}\`, or Settings. Back to me: \`… switch house\`.`
      : 'I know how to drive claude, codex, opencode and gemini, and found none of them on the PATH. Install one and restart.',
    '',
    'Any other program that reads a line and answers with text (python3, a REPL of yours) can be Luci too: put `MC_LUCI_PROFILE=generic` and `MC_LUCI_COMMAND="python3 -q"` into `.env` and start again.',
    '',
    'An agent program can also be the headless worker of "Luci do it now":',
    '',
    ...(found.length > 0 ? found : [{ profile: 'claude' }]).map(
      ({ profile }) => `- \`MC_WORKER_COMMAND="${workers[profile] ?? profile}"\``,
    ),
    '',
    'Nothing is started unasked.',
  ].join('\n')

/** How the programs we know by name are run without a terminal. */
const workers: Record<string, string> = {
  claude: 'claude -p',
  codex: 'codex exec',
  opencode: 'opencode run',
  gemini: 'gemini -p',
}

export const statusReply = (facts: StatusFacts): string => {
  const { inbox, tickets, tasks, alerts } = facts
  const away = facts.workers.filter(({ state }) => state !== 'alive')
  const failing = tasks.failing.length > 0 ? `failing: ${tasks.failing.join(', ')}` : 'none failing'
  return [
    `${away.length === 0 ? 'All three processes are running.' : `Not running: ${list(away.map(({ name, state }) => `${name} (${state})`))}.`}`,
    '',
    `- **Tickets**: ${tickets.open} open${statuses(tickets.byStatus)}`,
    `- **Tasks**: ${tasks.total}, ${failing}${tasks.paused > 0 ? `, ${tasks.paused} paused` : ''}${tasks.next ? `; next is ${tasks.next.id} at ${time(tasks.next.at)}` : ''}`,
    `- **Inbox**: ${inbox.pending} pending, ${inbox.claimed} in hand; today ${inbox.handledToday} handled, ${inbox.silencedToday} silenced`,
    `- **Alerts**: ${alerts.open} open${alerts.undelivered > 0 ? `, ${alerts.undelivered} undelivered${facts.telegram.configured ? '' : ' (Telegram is not set up)'}` : ''}`,
  ].join('\n')
}

/**
 * What Home has under "Needs you", and beside it what can wait. (Home also shows what Luci asks;
 * while she answers this, she asks nothing.)
 */
export const needsMeReply = (facts: {
  alerts: Alert[]
  review: Ticket[]
  blocked: Ticket[]
  failing: TaskView[]
}): string => {
  const { alerts } = facts
  const needs = alerts.map((alert) => `- **Alert**: ${alert.title}${times(alert.occurrences)}`)
  const others = [
    ...facts.review.map((ticket) => `- **${ticket.key}** waits for your review: ${ticket.title}`),
    ...facts.blocked.map((ticket) => `- **${ticket.key}** is blocked: ${ticket.title}`),
    ...facts.failing.map(failingLine),
  ]
  if (needs.length + others.length === 0)
    return 'Nothing needs you now: no open alert, nothing to review, nothing blocked, no failing task.'
  const more = needs.length > 0 ? 'more ' : ''
  return [
    needs.length === 0
      ? 'Nothing needs you now.'
      : `${count(needs.length, 'thing')} ${needs.length === 1 ? 'needs' : 'need'} you:`,
    ...(needs.length > 0 ? ['', ...needs] : []),
    ...(others.length > 0 ? ['', `${others.length} ${more}to look at:`, '', ...others] : []),
  ].join('\n')
}

const failingLine = ({ id, consecutiveFailures }: TaskView) =>
  consecutiveFailures > 1
    ? `- **${id}** keeps failing (${consecutiveFailures} times in a row)`
    : `- **${id}** failed`

export const failedReply = (failing: string[], runs: Run[]): string => {
  if (failing.length === 0 && runs.length === 0)
    return 'No task is failing, and no recent run failed.'
  const lines = runs.map(
    (run) =>
      `- **${run.taskId ?? run.id}** ${run.status}${run.endedAt ? ` at ${time(run.endedAt)}` : ''}${run.cause ? `: ${oneLine(run.cause)}` : ''}`,
  )
  const head =
    failing.length > 0 ? `Failing now: ${list(failing)}.` : 'Nothing is failing now. Lately failed:'
  return [head, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')
}

export const scheduledReply = (tasks: TaskView[]): string => {
  if (tasks.length === 0) return 'No task is scheduled. Tasks live in ops/tasks.yaml.'
  const sorted = [...tasks].sort((a, b) => (a.nextRunAt ?? '9').localeCompare(b.nextRunAt ?? '9'))
  return [`${count(tasks.length, 'task')} scheduled:`, '', ...sorted.map(taskLine)].join('\n')
}

const taskLine = (task: TaskView) => {
  const when = task.paused
    ? `paused: ${oneLine(task.paused.reason)}`
    : task.nextRunAt
      ? `next ${time(task.nextRunAt)}`
      : 'no next run'
  const failures =
    task.consecutiveFailures > 0 ? `, ${count(task.consecutiveFailures, 'failure')} in a row` : ''
  return `- **${task.id}** ${when}${failures}`
}

export const ticketsReply = (tickets: Ticket[], filter: string): string =>
  tickets.length === 0
    ? `There is no ${filter === 'all' ? '' : `${filter} `}ticket.`
    : [
        `${count(tickets.length, `${filter === 'all' ? '' : `${filter} `}ticket`)}:`,
        '',
        ...tickets.map((ticket) => `- **${ticket.key}** ${ticket.title} (${ticket.status})`),
      ].join('\n')

export const ticketReply = (ticket: Ticket, events: TicketEvent[]): string => {
  const said = events.filter(({ kind }) => kind === 'commented').slice(-5)
  return [
    `**${ticket.key}** ${ticket.title}`,
    `${ticket.status}${ticket.resolution ? ` (${ticket.resolution})` : ''} · ${ticket.priority} · from ${ticket.source}${times(ticket.occurrences)}${ticket.labels.length > 0 ? ` · ${ticket.labels.join(', ')}` : ''}`,
    ...(ticket.body === '' ? [] : ['', ticket.body]),
    ...(said.length === 0
      ? []
      : ['', ...said.map(({ actor, body }) => `- ${actor}: ${oneLine(body ?? '')}`)]),
  ].join('\n')
}

export const inboxReply = (items: ItemFacts[], inbox: StatusFacts['inbox']): string => {
  const head = `${inbox.pending} pending, ${inbox.claimed} in hand; today ${inbox.handledToday} handled and ${inbox.silencedToday} silenced.`
  const lines = items.map(
    (item) =>
      `- #${item.id} ${item.source}${item.sourceId ? `/${item.sourceId}` : ''}: ${oneLine(item.message)}`,
  )
  return [head, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')
}

export const alertsReply = (alerts: Alert[]): string =>
  alerts.length === 0
    ? 'No alert is open.'
    : [
        `${count(alerts.length, 'open alert')}:`,
        '',
        ...alerts.map((alert) => `- ${alert.title} (${alert.state})${times(alert.occurrences)}`),
      ].join('\n')

export const filedReply = (tickets: Ticket[]): string => {
  const [first] = tickets
  if (tickets.length === 1 && first) return `Filed **${first.key}**: ${first.title}`
  return [
    `Filed ${count(tickets.length, 'ticket')}:`,
    '',
    ...tickets.map(({ key, title }) => `- **${key}** ${title}`),
  ].join('\n')
}

/** One sentence: the steps, and what waits, stand on the card below it. */
export const proposedReply = ({ proposal }: Proposed, ordered: boolean): string =>
  proposal.state === 'open'
    ? `I propose ${count(proposal.content.steps.length, 'ticket')}${ordered ? ', one after the other' : ''}: ${linkTo(proposal)}. Nothing is done until you accept it.`
    : `Done, since you let me: ${count(proposal.content.steps.length, 'ticket')} of ${linkTo(proposal)}. You can undo it.`

/** Its title is outside text: nothing of it may end the link. */
const linkTo = ({ id, content }: Proposed['proposal']): string =>
  `[${oneLine(content.title).replace(/[[\]\\`<]/g, '')}](/proposals/${id})`

const howToDecide = (id: string): string =>
  `Look at it, edit it and accept what you want of it: [proposal ${id}](/proposals/${id}), or \`npx -y pnpm@12 mc proposal show ${id}\`.`

export const acceptReply = (id: string | null): string =>
  id === null
    ? 'I have proposed nothing since I was started. Send me a list of bullets first.'
    : `That word is yours alone, and I cannot give it for you. ${howToDecide(id)}`

export const editedReply = ({ proposal }: Proposed, hadNote: boolean): string =>
  [
    `Your edits are taken over, word for word: ${linkTo(proposal)}. Nothing is done until you accept it.`,
    ...(hadNote ? ['What you wrote beside them I cannot work in: I am no model.'] : []),
  ].join('\n')

export const noModelForChanges = (id: string): string =>
  [
    'I am a small program, no model: what you wrote I cannot work in.',
    '',
    `- Edit the steps of [proposal ${id}](/proposals/${id}) and accept them as you want them; it can still be decided`,
    '- Or edit them and ask for changes: your edits I take over to the letter',
    '- Or attach a real agent and ask her: "how do I attach an agent?"',
  ].join('\n')

export const digestReply = (
  verdicts: readonly { item: number; action: string; reason: string }[],
): string =>
  verdicts.length === 0
    ? 'I found no item in this digest that I could read; the rules decide it.'
    : [
        `Decided ${count(verdicts.length, 'item')} by the fallback table:`,
        '',
        ...verdicts.map(({ item, action, reason }) => `- #${item} ${action}: ${reason}`),
      ].join('\n')

const statuses = (byStatus: Record<string, number>) => {
  const shown = ['doing', 'blocked', 'review', 'todo', 'parked'].filter(
    (status) => byStatus[status],
  )
  return shown.length > 0
    ? ` (${shown.map((status) => `${byStatus[status]} ${status}`).join(', ')})`
    : ''
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
const times = (occurrences: number) => (occurrences > 1 ? ` (${occurrences} times)` : '')
const time = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`
const list = (names: readonly string[]) =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** Outside text as one short line. */
const oneLine = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
