import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type WebhookCallSeen = {
  method: string
  url: string
  headers: Record<string, string | string[] | undefined>
  body: Record<string, unknown>
}

export type WebhookServer = {
  url: string
  calls: WebhookCallSeen[]
  /** How the next calls are answered; `hang_up` closes the connection without a word. */
  answer: { status: number; body?: string; headers?: Record<string, string> } | 'hang_up'
  close(): Promise<void>
}

/** Whatever takes a webhook, on loopback. */
export const startWebhookServer = async (test: Test): Promise<WebhookServer> => {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    hook.calls.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(body || '{}'),
    })
    if (hook.answer === 'hang_up') return void request.socket.destroy()
    response.writeHead(hook.answer.status, hook.answer.headers)
    response.end(hook.answer.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const hook: WebhookServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer: { status: 200, body: 'ok' },
    close,
  }
  test.teardown(close)
  return hook
}
