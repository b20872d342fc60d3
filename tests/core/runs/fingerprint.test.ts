import { errorLine, fingerprintOf, normalised } from '@mc/core/runs/fingerprint.ts'
import t from 'tap'

const of = (line: string, code: string | number = 1) =>
  fingerprintOf({ task: 'backup', cause: 'failed', code, line })

t.test('the same trouble has the same fingerprint whatever its numbers', async (t) => {
  for (const [one, other] of [
    [
      'Failed to connect to 10.0.0.1 port 8080 after 12 ms',
      'failed to connect to 10.0.0.7 port 9090 after 1.5s',
    ],
    ['2026-03-02T10:00:00Z job 4711 stopped', '2026-04-09T23:59:59.123Z job 9 stopped'],
    ["open '/tmp/a1b2/x.txt' was refused", "open '/var/lib/y.txt' was refused"],
    [
      'request 0f8fad5b-d9cb-469f-a165-70867728950e died',
      'request 7c9e6679-7425-40de-944b-e07fc1f90ae7 died',
    ],
    ['GET https://a.example/1 broke', 'GET https://b.example/2?x=1 broke'],
  ] as const)
    t.equal(of(one), of(other), one)
})

t.test('another status, errno, exit code, cause or task is another trouble', async (t) => {
  t.not(of('got HTTP 503 from upstream'), of('got HTTP 404 from upstream'))
  t.not(of('connect ECONNREFUSED 127.0.0.1:80'), of('connect ETIMEDOUT 127.0.0.1:80'))
  t.not(of('broken', 1), of('broken', 2))
  const trouble = { task: 'a', cause: 'failed', code: 1, line: 'broken' }
  t.not(fingerprintOf(trouble), fingerprintOf({ ...trouble, task: 'b' }))
  t.not(fingerprintOf(trouble), fingerprintOf({ ...trouble, cause: 'timeout' }))
})

t.test('a fingerprint says its version and is short', async (t) => {
  t.match(of('x'), /^v1:[0-9a-f]{64}$/)
  t.match(normalised('HTTP/1.1 503 at 10.0.0.1'), /^http 503 at <host>$/)
})

t.test('the line that says what went wrong is found', async (t) => {
  const trace = [
    'starting',
    "Error: ENOENT: no such file 'x'",
    '    at open (node:fs:1:2)',
    '  code: 1',
    '}',
    'Node.js v26.1.0',
  ]
  t.equal(errorLine(trace.join('\n')), "Error: ENOENT: no such file 'x'")
  t.equal(errorLine('Traceback:\n  File "a.py"\nValueError: bad\n'), 'ValueError: bad')
  t.equal(errorLine('one\ntwo\n\n'), 'two')
  t.equal(errorLine(' \n'), null)
})
