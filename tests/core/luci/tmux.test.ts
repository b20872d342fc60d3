import { join } from 'node:path'
import { ControlError, openControlClient } from '@mc/core/luci/control-client.ts'
import { paneEnvironment } from '@mc/core/luci/pane-environment.ts'
import { createTmux, type Tmux } from '@mc/core/luci/tmux.ts'
import { plainInput, quoted, visible } from '@mc/core/luci/tmux-words.ts'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { tempFolder, tmux, tmuxSocket } from './desk.ts'

const env = paneEnvironment(process.env, { dataDir: '/nowhere', apiUrl: 'http://127.0.0.1:9' })

const openServer = async (t: Test, argv: string[]): Promise<{ socket: string; server: Tmux }> => {
  const socket = tmuxSocket(t)
  const folder = tempFolder(t)
  const server = createTmux({ socket, configFile: join(folder, 'tmux.conf'), env })
  await server.createSession({ argv, cwd: folder, env: {}, stream: null })
  return { socket, server }
}

t.test('a paste brings any text byte for byte, several lines too', async (t) => {
  const { server } = await openServer(t, ['cat'])
  let seen = ''
  const pane = await server.attach({
    output: (text) => {
      seen += text
    },
    dead: () => {},
  })
  t.teardown(() => pane.close())
  const text = '-x ; foo; "q" \'s\' $HOME #{pane_id} #(date) %1 \\n ~ {a} 日本 👩‍👩‍👧 é\tend;'
  await pane.paste(`${text}\n`, 'mc-1')
  await until('the echo, and what cat makes of it', () => seen.split('\r\n').length === 3)
  t.equal(seen.split('\r\n')[0], text)
  for (const word of ['~', '#x', '%1', '{', '}', '$', '"', ';', '-t', 'Enter']) {
    seen = ''
    await pane.paste(`${word}\n`, 'mc-2')
    await until(`${word} twice`, () => seen === `${word}\r\n${word}\r\n`)
    t.pass(word)
  }
})

t.test('keys that a message may not press are taken out, line ends become newlines', (t) => {
  t.equal(plainInput('a\u001b[201~\rb\r\nc\u0003d\u009be\u007f\tf'), 'a[201~\nb\ncde\tf')
  t.equal(quoted('a "b" $c \\ \n\t'), '"a \\"b\\" \\$c \\\\ \\n\\t"')
  t.equal(visible('\u001b[1mbold\u001b[0m\r\n wide\u001b]0;t\u0007 x'), 'boldwidex')
  t.end()
})

t.test('the death of the program is told', async (t) => {
  const { server } = await openServer(t, ['cat'])
  let dead = false
  const pane = await server.attach({
    output: () => {},
    dead: () => {
      dead = true
    },
  })
  t.teardown(() => pane.close())
  const look = await pane.look()
  t.match(look, { dead: false, inMode: false, command: 'cat' })
  process.kill(look.pid)
  await until('the death', () => dead)
  t.match(await pane.look(), { dead: true })
})

t.test('a person who splits the window does not become Luci', async (t) => {
  const { socket, server } = await openServer(t, ['cat'])
  const first = await server.attach({ output: () => {}, dead: () => {} })
  await first.close()
  tmux(socket, 'split-window', '-b', '-t', 'luci', 'cat')
  const again = await server.attach({ output: () => {}, dead: () => {} })
  t.equal(again.id, first.id)
  await again.close()
})

t.test('a refused command says why, and the next is answered by its own reply', async (t) => {
  const { socket } = await openServer(t, ['cat'])
  const client = await openControlClient(
    ['tmux', '-u', '-L', socket, '-C', 'attach-session', '-t', '=luci'],
    env,
    () => {},
  )
  t.teardown(() => client.close())
  const answers = await Promise.allSettled([
    client.request('display-message -p one'),
    client.request('select-pane -t %77'),
    client.request('display-message -p two'),
  ])
  t.match(answers, [
    { status: 'fulfilled', value: ['one'] },
    { status: 'rejected', reason: { message: /find pane/, gone: false } },
    { status: 'fulfilled', value: ['two'] },
  ])
  t.throws(() => client.request(' '), /not empty/)
  t.throws(() => client.request('a\nb'), /one line/)
})

t.test('a command without an answer ends the client, so no late reply can lie', async (t) => {
  const { socket } = await openServer(t, ['cat'])
  const client = await openControlClient(
    ['tmux', '-u', '-L', socket, '-C', 'attach-session', '-t', '=luci'],
    env,
    () => {},
    200,
  )
  // tmux says at once that it waits, and answers nothing more until then.
  await client.request('wait-for never')
  const next = client.request('display-message -p next')
  const after = client.request('display-message -p after')
  await t.rejects(next, ControlError)
  await t.rejects(after, ControlError)
  t.match(await client.gone, /no answer/)
  await t.rejects(client.request('display-message -p late'), ControlError)
})

t.test('attaching where there is no session fails with tmux own words', async (t) => {
  const socket = tmuxSocket(t)
  const server = createTmux({ socket, configFile: join(tempFolder(t), 'tmux.conf'), env })
  t.equal(await server.hasSession(), false)
  await t.rejects(server.attach({ output: () => {}, dead: () => {} }), { name: 'ControlError' })
})

t.test('the pane environment is an allow-list with mc first on the PATH', (t) => {
  const pane = paneEnvironment(
    { PATH: '/usr/bin', HOME: '/h', LC_ALL: 'C', MC_TELEGRAM_TOKEN: 'x', AWS_SECRET: 'y' },
    { dataDir: '/d', apiUrl: 'http://127.0.0.1:1' },
  )
  t.same(pane, {
    LANG: 'C.UTF-8',
    HOME: '/h',
    LC_ALL: 'C',
    PATH: '/d/luci/bin:/usr/bin',
    MC_URL: 'http://127.0.0.1:1',
    MC_CREDENTIAL: '/d/credentials/agent',
  })
  t.end()
})

t.test('a program goes with its pane, behind a launcher that ignores the hangup', async (t) => {
  const launcher = `process.on('SIGHUP', () => {})
    require('child_process')
      .spawn('sh', ['-c', 'echo up; exec sleep 1000'], { stdio: 'inherit' })
      .on('exit', () => process.exit())`
  const argv = [process.execPath, '-e', launcher]
  const { socket, server } = await openServer(t, argv)
  const isUp = () => /up/.test(tmux(socket, 'capture-pane', '-p', '-t', '=luci:'))
  const isGone = (pid: number) => {
    try {
      return !process.kill(pid, 0)
    } catch {
      // There is no such process any more.
      return true
    }
  }
  const running = async () => {
    await until('it to be up', isUp)
    const [pane = '', pid] = tmux(socket, 'display-message', '-p', '#{pane_id} #{pane_pid}').split(
      ' ',
    )
    t.teardown(() => isGone(Number(pid)) || process.kill(-Number(pid), 'SIGKILL'))
    return { pane, pid: Number(pid) }
  }
  const first = await running()
  await server.respawn(first.pane, { argv, cwd: '/', env: {}, stream: null })
  await until('the first to be gone', () => isGone(first.pid))
  const second = await running()
  await server.kill()
  await until('the second to be gone', () => isGone(second.pid))
})
