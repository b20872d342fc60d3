import { childEnvironment } from '@mc/core/runs/child-environment.ts'
import t from 'tap'

t.test('a child gets an allow-list, never a setting or a secret of ours', async (t) => {
  const env = childEnvironment(
    {
      PATH: '/usr/bin',
      HOME: '/home/me',
      LC_ALL: 'C',
      MC_TELEGRAM_TOKEN: '1:secret',
      DATABASE_URL: 'postgres://u:p@h/d',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--inspect',
    },
    '/srv/mc',
    { GIVEN: 'yes' },
  )
  t.same(Object.keys(env).sort(), ['GIVEN', 'HOME', 'LC_ALL', 'PATH'])
  t.ok(env.PATH?.endsWith('/srv/mc/node_modules/.bin:/usr/bin'))
})
