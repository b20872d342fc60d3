import {
  doesMoreThanMc,
  mcAllowed,
  mcAllowedFor,
} from '@mc/core/luci/profiles/opencode/permission.ts'
import t from 'tap'

const mc = { 'bas?': { mc: 'allow', 'mc *': 'allow' }, 'mc_*': 'allow' }

t.test('where the person says nothing of commands, all but mc are asked', async (t) => {
  t.strictSame(Object.entries(mcAllowed(undefined)), Object.entries({ bash: 'ask', ...mc }))
  t.strictSame(mcAllowed({ edit: 'deny' }), { bash: 'ask', edit: 'deny', ...mc })
})

t.test(
  'what the person says keeps its place and its words; mc comes last, for the last wins',
  async (t) => {
    for (const theirs of [
      { bash: 'ask', edit: 'ask' },
      { bash: { '*': 'deny', 'git *': 'allow' } },
      { '*': 'ask', bash: 'allow' },
      { bash: { 'npm *': 'allow' }, '*': 'ask' },
    ])
      t.strictSame(
        Object.entries(mcAllowed(theirs)),
        Object.entries({ ...theirs, ...mc }),
        JSON.stringify(theirs),
      )
    t.strictSame(mcAllowed('allow'), { '*': 'allow', ...mc })
  },
)

t.test('agents with rules of their own get mc as well, and no others do', async (t) => {
  const agents = { build: { permission: { bash: 'deny' } }, plan: { model: 'x' } }
  mcAllowedFor(agents)
  t.strictSame(agents, { build: { permission: { bash: 'deny', ...mc } }, plan: { model: 'x' } })
  mcAllowedFor(undefined)
})

t.test('one plain call of mc runs unasked, whatever its arguments', async (t) => {
  for (const command of [
    'mc status',
    'mc turn show 7f3a9c',
    'mc ticket create --title "a > b; export"',
    "mc inbox resolve 5 ticket --reason 'exit code > 0 && x=1'",
    "mc ticket create 'two\nlines'",
  ])
    t.notOk(doesMoreThanMc(command), command)
})

t.test('mc with anything around it would run unasked, and is refused', async (t) => {
  for (const command of [
    'mc status > out.txt',
    'mc status 2>&1',
    'mc status && mc turn show 1 >> /home/person/.profile',
    'export PATH=/tmp/x:$PATH; mc status',
    'PATH=/tmp/x\nmc status',
    'PATH=/tmp/x mc status',
    'mc status >| out.txt',
    'mc ticket create <<X > out.txt\nsome text\nX',
    '{ mc inbox show 5; } > ~/.bashrc',
    '! mc status > f',
    'for i in 1; do PATH=$PWD; done; mc x',
    'mc a "$(mc inbox show 5 > f)"',
    'mc a <X\nE\nE\nmc b > f',
    "mc a # '\nmc b > f #'",
    'cd x && mc status',
    'mc status | tee out.txt',
    'sh -c "mc status > f"',
  ])
    t.ok(doesMoreThanMc(command), command)
})

t.test('a command that has nothing to do with mc is OpenCode’s own to ask about', async (t) => {
  for (const command of ['touch a', 'ls > files.txt', 'grep mc notes.txt', 'cat mc.log', 'emc x'])
    t.notOk(doesMoreThanMc(command), command)
})
