import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crontabLine, launchdAgent } from '@mc/cli/boot-lines.ts'
import t from 'tap'

t.test('the crontab line starts it with nothing but what cron has', (t) => {
  // A folder as people have them, and a stand-in for npx that tells how it was called.
  const home = t.testdir()
  const root = join(home, "it's 100% mine")
  const bin = join(home, 'node 26', 'bin')
  mkdirSync(root)
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\necho "$PWD|$*|$HOME"\n')
  chmodSync(join(bin, 'npx'), 0o755)
  const line = crontabLine({
    root,
    dataDir: join(root, 'data'),
    folders: [bin, '/usr/bin', '/usr/bin'],
  })
  t.match(line, /^@reboot mkdir -p /)
  t.notMatch(line, /[^\\]%/, 'cron would end the command there')
  const command = line.replace('@reboot ', '').replaceAll('\\%', '%')
  execFileSync('/bin/sh', ['-c', command], { env: { HOME: home, PATH: '/usr/bin:/bin' }, cwd: '/' })
  t.equal(
    readFileSync(join(root, 'data', 'start.log'), 'utf8'),
    `${root}|-y pnpm@12 start|${home}\n`,
  )
  t.end()
})

t.test('the launch agent names its folders, escaped', (t) => {
  const agent = launchdAgent({ root: '/Users/a & b', dataDir: '/Users/<x>', folders: ['/opt/bin'] })
  t.match(agent, '<string>/Users/a &amp; b</string>')
  t.match(agent, '<string>/Users/&lt;x&gt;/start.log</string>')
  t.match(agent, '<string>/opt/bin:/usr/local/bin:/usr/bin:/bin</string>')
  const open = agent.match(/<(dict|array|plist)\b/g)?.length
  t.equal(agent.match(/<\/(dict|array|plist)>/g)?.length, open)
  t.end()
})
