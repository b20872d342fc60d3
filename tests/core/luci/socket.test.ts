import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeDeadSocket, socketPathOf } from '@mc/core/luci/socket.ts'
import { createTmux } from '@mc/core/luci/tmux.ts'
import { createTrace, forgetSession } from '@mc/core/luci/trace.ts'
import t from 'tap'
import { tempFolder, tmux, tmuxSocket } from './desk.ts'

t.test('a socket on which a server answers stays, a dead one goes', async (t) => {
  const socket = tmuxSocket(t)
  tmux(socket, '-f', '/dev/null', 'new-session', '-d', 'cat')
  const path = socketPathOf(socket, process.env)
  await removeDeadSocket(path)
  t.equal(tmux(socket, 'list-sessions', '-F', 'there').trim(), 'there')
  tmux(socket, 'kill-server')
  await removeDeadSocket(path)
  t.notOk(existsSync(path))
  await removeDeadSocket(path)
})

t.test('what is no socket is not touched', async (t) => {
  const path = join(tempFolder(t), 'a file')
  writeFileSync(path, 'kept')
  await removeDeadSocket(path)
  t.ok(existsSync(path))
})

t.test('a name lies in tmux own folder, a path is itself', (t) => {
  const uid = process.getuid?.()
  t.equal(socketPathOf('mc', {}), `/tmp/tmux-${uid}/mc`)
  t.equal(socketPathOf('mc', { TMUX_TMPDIR: '/run/x' }), `/run/x/tmux-${uid}/mc`)
  t.equal(socketPathOf('/run/x/socket', {}), '/run/x/socket')
  t.end()
})

t.test('the command to look at her is read-only and exact, in any shell', (t) => {
  const commandOn = (socket: string) =>
    createTmux({ socket, configFile: '/nowhere', env: {} }).attachCommand
  t.equal(commandOn('mc-1a2b'), "tmux -L mc-1a2b attach -r -t '=luci'")
  t.equal(commandOn('/run/a b/it'), "tmux -S '/run/a b/it' attach -r -t '=luci'")
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${commandOn("/run/it's")}`])
  t.equal(words.toString(), "tmux\n-S\n/run/it's\nattach\n-r\n-t\n=luci\n")
  t.end()
})

t.test('a session leaves a trace on its socket until it is ended on purpose', (t) => {
  const folder = tempFolder(t)
  const trace = createTrace(folder, 'one')
  t.equal(trace.read(), null)
  trace.leave(4711)
  t.equal(createTrace(folder, 'one').read(), 4711)
  t.equal(createTrace(folder, 'another').read(), null)
  forgetSession(folder)
  t.equal(trace.read(), null)
  t.end()
})
