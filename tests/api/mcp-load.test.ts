import { registerHooks } from 'node:module'
import t from 'tap'

t.test('the SDK is loaded by the first call, not at the start', async (t) => {
  const loaded: string[] = []
  const hooks = registerHooks({
    load: (url, context, next) => {
      loaded.push(url)
      return next(url, context)
    },
  })
  t.teardown(() => hooks.deregister())
  const isLoaded = (name: string) => loaded.some((url) => url.includes(name))
  const { startApp } = await import('../support/app.ts')
  const { app, agentToken } = await startApp(t, { listen: false })
  t.ok(isLoaded('/apps/api/mcp/routes.ts'), 'the hook sees what is loaded')
  t.notOk(isLoaded('@modelcontextprotocol'))
  const answer = await app.inject({
    method: 'POST',
    url: '/mcp',
    headers: {
      host: 'localhost',
      authorization: `Bearer ${agentToken}`,
      accept: 'application/json, text/event-stream',
    },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  })
  t.equal(answer.statusCode, 200)
  t.ok(isLoaded('@modelcontextprotocol/server'))
})
