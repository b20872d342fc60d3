import { createActs } from '@mc/core/acts/acts.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { countUsage } from '@mc/core/costs/count.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { RunningApp } from '../support/app.ts'
import { aTask } from '../support/tasks.ts'
import { proposalsOf, propose, wiki } from './proposed.ts'

const LONG = 'averyveryverylongwordwithoutanyspacewhichmustbreaksomewhere'.repeat(3)

/** A desk with something of everything, long words among it. */
export const furnish = async ({
  db,
  clock,
  luci,
  config,
}: RunningApp): Promise<{ run: string; plans: string[] }> => {
  const tickets = createTickets(db, clock)
  const by = { actor: 'person' }
  await tickets.file(
    {
      title: `Look at ${LONG}`,
      labels: ['disk', 'backup'],
      priority: 'critical',
      body: `**x** \`${LONG}\`\n\n| a | b |\n|---|---|\n| ${LONG} | y |`,
    },
    by,
  )
  await tickets.file({ title: 'Two', status: 'doing' }, by)
  await tickets.comment(1, 'See MC-2', by)
  await tickets.link(1, 2, by)
  await createTasks(db, clock).sync([
    aTask({ id: 'disk', title: 'Disk space', tags: ['machine'], description: 'Looks' }),
    aTask({ id: 'mail', title: 'Mail' }),
  ])
  await createTasks(db, clock).pause('mail', { reason: 'Moving', by: 'person' })
  const runs = createRuns(db, clock)
  for (const [status, durationMs] of [
    ['ok', 900],
    ['ok', 4_000],
    ['timeout', 60_000],
  ] as const) {
    const past = await runs.begin({ taskId: 'disk', trigger: 'manual', workerId: 'x' })
    await runs.end(past?.id ?? '', { status, durationMs })
  }
  const run = await runs.begin({ taskId: 'disk', trigger: 'manual', workerId: 'x' })
  await runs.end(run?.id ?? '', {
    status: 'failed',
    cause: LONG,
    exitCode: 1,
    output: `${LONG}\n${'x\n'.repeat(60)}`,
  })
  const inbox = createInbox(db, clock)
  for (const [message, kind] of [
    [LONG, 'failed'],
    ['went well', 'ok'],
  ] as const)
    await inbox.post({
      source: 'scheduler',
      sourceId: 'disk',
      message,
      kind,
      detail: { excerpt: LONG },
    })
  for (const item of await inbox.claim({ countMax: 2, by: 'x' }))
    await inbox.settle(item, {
      action: item.kind === 'ok' ? 'silent' : 'alert',
      decidedBy: 'luci',
      reason: 'Because',
    })
  await inbox.post({ source: 'backup.sh', message: 'Waits' })
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  await alerts.raise({
    fingerprint: 'a',
    severity: 'critical',
    kind: 'auth',
    title: LONG,
    text: LONG,
    itemId: 1,
  })
  await alerts.raise({ fingerprint: 'b', kind: 'note', title: 'Two', text: '' })
  await alerts.acknowledge(2, 'person')
  await createWorkers(db, clock).hello('api')
  const asked = await luci.send({ text: `Hello ${LONG}`, origin: 'user' })
  await luci.say(
    asked.id,
    `# Title\n\n- **${LONG}**\n- [x](https://example.com)\n\n\`\`\`\n${LONG} ${LONG}\n\`\`\``,
  )
  await luci.finish(asked.id)
  const proposed = await luci.send({ text: 'Make a plan', origin: 'user' })
  await luci.say(proposed.id, 'So:')
  const planned = await createTurns(db, clock).get(proposed.id)
  const steps = wiki.steps.map((step) => ({ ...step, ...('body' in step ? { body: LONG } : {}) }))
  const open = await propose({ db, clock }, config, planned, { ...wiki, title: LONG, steps })
  const accepted = await propose({ db, clock }, config, planned, { ...wiki, parent: 'new' })
  await proposalsOf({ db, clock }, config).accept(accepted.id, {
    by,
    content: {
      ...accepted.content,
      steps: accepted.content.steps
        .slice(1)
        .map((step) =>
          'title' in step ? { ...step, title: `${step.title} ${LONG}`.slice(0, 200) } : step,
        ),
    },
  })
  const done = { proposalId: null, step: null, turnId: proposed.id, title: LONG, before: null }
  const acts = createActs(db, clock)
  for (const ref of ['MC-1', 'MC-2']) await acts.carryOut({ ...done, class: 'file_ticket', ref })
  const wrong = await acts.note({ ...done, class: 'alert', ref: '1' })
  await acts.correct(wrong.id, { correction: 'wrong', by: 'person', note: LONG })
  await luci.finish(proposed.id)
  const going = await luci.send({ text: 'And now?', origin: 'user' })
  const asking = await createTurns(db, clock).get(going.id)
  const questions = createQuestions(db, clock)
  await questions.ask(asking, { text: LONG, options: [LONG.slice(0, 100), 'Neither'] })
  await luci.say(going.id, 'Well…')
  await luci.send({ text: 'Waiting', origin: 'user' })
  luci.setStatus({
    state: 'working',
    turnId: going.id,
    problem: 'Something is odd.',
    hint: 'Look.',
  })
  const today = { model: 'm', tokensIn: 12_345_678, tokensOut: 9_000, tokensCached: 0 }
  await countUsage(db, clock, 'chat', { ...today, costUsd: 12.5 })
  await countUsage(db, clock, 'worker', { ...today, costUsd: null })
  await createIndexer(db).catchUp()
  return { run: run?.id ?? '', plans: [open.id, accepted.id] }
}

export const pages = (run: string, plans: readonly string[]) => [
  '/',
  '/board',
  '/tickets/MC-1',
  // The ticket that the accepted plan is parts of.
  '/tickets/MC-3',
  '/proposals',
  '/proposals?state=refused',
  ...plans.map((id) => `/proposals/${id}`),
  '/inbox',
  '/inbox?tab=pending',
  '/inbox?tab=handled',
  '/inbox?tab=silenced',
  '/inbox/1',
  '/report',
  '/costs',
  '/schedules',
  '/schedules/disk',
  '/schedules/mail?status=ok&from=2026-01-01T00:00',
  '/runs?status=failed',
  `/runs/${run}`,
  '/alerts',
  '/alerts/1',
  '/api/docs',
  '/search',
  '/search?q=look',
  '/search?q=nothinglikeit',
  '/acts',
  '/acts?class=alert',
  '/settings?trust=file_ticket&days=30',
  '/nothing-here',
]
