import type { CommandResult } from '@mc/core/runs/run-command.ts'
import { judgeCommand } from '@mc/scheduler/judge-command.ts'
import t from 'tap'
import { aTask } from '../support/tasks.ts'

const judge = (over: Partial<CommandResult>) =>
  judgeCommand(aTask(), {
    exitCode: 1,
    signal: null,
    timedOut: false,
    wentSilent: false,
    aborted: false,
    spawnError: null,
    durationMs: 1,
    output: over.stderr ?? '',
    droppedBytes: 0,
    stdout: '',
    stderr: '',
    ...over,
  })

t.test('the exit code 77 says that a credential was refused', async (t) => {
  t.match(judge({ exitCode: 77 }), { status: 'auth', cause: /exit code 77/ })
})

t.test('a last line says so too, whatever the exit code', async (t) => {
  t.match(judge({ exitCode: 0, output: 'trying\n{"cause":"auth"}\n' }), { status: 'auth' })
  t.match(judge({ exitCode: 0, output: '{"cause":"auth"}\nno, it went well\n' }), { status: 'ok' })
  t.match(judge({ exitCode: 0, output: '{"cause":' }), { status: 'ok' })
})

t.test('words of a refusal count on stderr, and only beside a bad exit code', async (t) => {
  for (const stderr of [
    'HTTP 401 Unauthorized',
    'fatal: Authentication failed for https://example.com/x.git',
    'git@example.com: Permission denied (publickey).',
    'Error: invalid API key provided',
    'The access token has expired',
  ]) {
    t.match(judge({ stderr }), { status: 'auth', passing: false }, stderr)
    t.match(judge({ stderr, exitCode: 0 }), { status: 'ok' }, stderr)
    t.match(judge({ stderr: '', output: stderr }), { status: 'failed' }, stderr)
  }
})

t.test('a bare 401, "expired" or "permission denied" is not enough', async (t) => {
  for (const stderr of [
    '401 rows were read',
    'the certificate expired',
    'cat: x: Permission denied',
  ])
    t.match(judge({ stderr }), { status: 'failed' }, stderr)
})

t.test('a failure says its code and its line', async (t) => {
  t.match(judge({ exitCode: 2, stderr: 'Error: disk is full\n' }), {
    status: 'failed',
    code: 2,
    line: 'Error: disk is full',
    cause: 'It ended with exit code 2: Error: disk is full',
    passing: false,
  })
  t.match(judge({ exitCode: null, signal: 'SIGSEGV' }), { cause: 'It was ended by SIGSEGV' })
})

t.test('a time limit and a lost connection may pass, so they are tried again', async (t) => {
  t.match(judge({ timedOut: true, exitCode: null }), { status: 'timeout', passing: true })
  t.match(judge({ stderr: 'connect ECONNREFUSED 127.0.0.1:1' }), { passing: true })
})
