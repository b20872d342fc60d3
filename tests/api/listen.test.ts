import { listen } from '@mc/api/listen.ts'
import Fastify from 'fastify'
import t from 'tap'
import { freePort } from '../support/postgres.ts'

const http = (port: number) => ({
  host: '127.0.0.1',
  port,
  publicUrl: null,
  passwordHash: null,
  trustProxy: false as const,
})

t.test('a taken port is told with what to do', async (t) => {
  const port = await freePort()
  const [first, second] = [Fastify(), Fastify()]
  t.teardown(() => Promise.all([first.close(), second.close()]))
  await listen(first, http(port))
  await t.rejects(listen(second, http(port)), {
    code: 'unavailable',
    message: `Port ${port} is taken by another program`,
    hint: /MC_PORT/,
  })
})

t.test('an address of another machine is told with what to do', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const elsewhere = { ...http(await freePort()), host: '203.0.113.7' }
  await t.rejects(listen(app, elsewhere), { code: 'unavailable', hint: /MC_HOST/ })
})
