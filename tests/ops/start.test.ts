import type { Client } from '@mc/core/client/client.ts'
import type { Status } from '@mc/core/client/status.ts'
import { execa } from 'execa'
import t from 'tap'
import { isAlive, startMissionControl } from '../support/mission-control.ts'
import { until } from '../support/until.ts'

const pidOf = (status: Status, name: string): number =>
  status.workers.find((worker) => worker.name === name)?.worker?.pid ?? 0

const allAlive = (client: Client): Promise<Status> =>
  until('all three beat', async () => {
    const status = await client.get<Status>('/api/v1/status')
    return status.workers.every((worker) => worker.state === 'alive') ? status : null
  })

t.test('start says what it found; Ctrl-C stops all but Luci, and says so', async (t) => {
  const desk = await startMissionControl(t)
  const [link = ''] = await desk.printed(/http:\/\/127\.0\.0\.1:\d+\/sign-in\?token=\S+/)
  await desk.printed(/Tasks +\d+ loaded/)
  const output = desk.output()
  t.match(output, /Database +SQLite in /)
  t.match(output, /Luci +the house responder/)
  t.match(output, /Telegram +not configured/)
  t.match(output, new RegExp(`tmux -L ${desk.env.MC_TMUX_SOCKET} attach -r -t '=luci'$`, 'm'))

  const signedIn = await fetch(link, { redirect: 'manual' })
  t.ok(signedIn.headers.get('set-cookie'), 'the link signs in')
  const again = await fetch(link, { redirect: 'manual' })
  t.notOk(again.headers.get('set-cookie'), 'once')

  const client = await desk.client()
  const status = await allAlive(client)
  t.equal(await desk.end('SIGINT'), 0)
  for (const worker of status.workers) t.notOk(isAlive(worker.worker?.pid ?? 0), worker.name)
  t.match(desk.output(), /Luci lives on in tmux/)
  t.match(desk.output(), /npx -y pnpm@12 mc luci stop/)
  const sessions = ['-L', desk.env.MC_TMUX_SOCKET ?? '', 'list-sessions']
  t.equal((await execa('tmux', sessions)).exitCode, 0, 'her session is there')

  t.match(await desk.mc('luci', 'stop'), { exitCode: 0, stdout: /session is ended/ })
  t.not((await execa('tmux', sessions, { reject: false })).exitCode, 0, 'her session is gone')
})

t.test('a killed part is started again while the others carry on', async (t) => {
  const desk = await startMissionControl(t)
  const client = await desk.client()
  const before = await allAlive(client)
  process.kill(pidOf(before, 'scheduler'), 'SIGKILL')
  await desk.printed(/scheduler +was killed by SIGKILL; starting it again in 0\.5 s/)
  const after = await until('another scheduler beats', async () => {
    const now = await client.get<Status>('/api/v1/status')
    return pidOf(now, 'scheduler') === pidOf(before, 'scheduler') ? null : now
  })
  t.equal(pidOf(after, 'api'), pidOf(before, 'api'))
  t.equal(pidOf(after, 'pickup'), pidOf(before, 'pickup'))
  t.ok(isAlive(pidOf(after, 'pickup')))
})

t.test('when start itself is killed, the three stop by themselves', async (t) => {
  const desk = await startMissionControl(t)
  const client = await desk.client()
  const status = await allAlive(client)
  await desk.end('SIGKILL')
  for (const { name, worker } of status.workers)
    t.ok(await until(`${name} has ended`, () => !isAlive(worker?.pid ?? 0)), name)
})
