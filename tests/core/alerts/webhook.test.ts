import { createWebhook } from '@mc/core/alerts/webhook.ts'
import {
  DISCORD_CHARS_MAX,
  guessShape,
  NTFY_BYTES_MAX,
  type WebhookShape,
} from '@mc/core/alerts/webhook-shapes.ts'
import t, { type Test } from 'tap'
import { startWebhookServer } from '../../support/webhook-server.ts'

const never = new AbortController().signal
const SECRET = 'T00000000-B11111111-xyzzyxyzzyxyzzy'
const message = {
  html: '<b>backup</b>',
  text: 'backup & <restore> *failed*\nit broke @everyone [x](http://evil)\n#12',
  title: 'backup & <restore> *failed*',
  urgent: true,
  url: 'https://desk.example/alerts/12',
}

const open = async (
  t: Test,
  shape: WebhookShape,
  path = `/${SECRET}`,
  token: string | null = null,
) => {
  const server = await startWebhookServer(t)
  const send = (over = {}) =>
    createWebhook({ url: `${server.url}${path}`, shape, token }).send(
      { ...message, ...over },
      never,
    )
  return { server, send }
}

t.test('the shape follows from the address', async (t) => {
  t.equal(guessShape('https://ntfy.sh/desk'), 'ntfy')
  t.equal(guessShape('https://hooks.slack.com/services/T/B/x'), 'slack')
  t.equal(guessShape('https://discord.com/api/webhooks/1/x'), 'discord')
  t.equal(guessShape('https://discord.com.evil.example/api/webhooks/1/x'), 'json')
})

t.test('ntfy gets JSON at its root, with topic, title, priority and click', async (t) => {
  const { server, send } = await open(t, 'ntfy', '/my-topic?auth=abc', 'tk_secret_token_1')
  server.answer = { status: 200, body: '{"id":"hwQ2YpKdmg","event":"message"}' }
  t.same(await send(), { status: 'sent', ref: 'hwQ2YpKdmg' })
  t.match(server.calls[0], {
    method: 'POST',
    url: '/?auth=abc',
    headers: { authorization: 'Bearer tk_secret_token_1', 'content-type': 'application/json' },
    body: {
      topic: 'my-topic',
      title: message.title,
      message: /^it broke/,
      priority: 5,
      click: message.url,
    },
  })
  await send({ text: '😀é'.repeat(4_000), title: 'x', urgent: false })
  const { message: told, priority } = (server.calls[1]?.body ?? {}) as {
    message: string
    priority: number
  }
  t.ok(Buffer.byteLength(told) <= NTFY_BYTES_MAX && told.isWellFormed())
  t.equal(priority, 3)
})

t.test('Slack gets text in which nothing is markup, a link or a mention', async (t) => {
  const { server, send } = await open(t, 'slack')
  t.equal((await send({ text: '<!channel> & <http://evil|x>' })).status, 'sent')
  t.same(server.calls[0]?.body, {
    text: '&lt;!channel&gt; &amp; &lt;http://evil|x&gt;',
    mrkdwn: false,
    unfurl_links: false,
  })
})

t.test('Discord gets at most its 2000 characters, escaped, and nobody is mentioned', async (t) => {
  const { server, send } = await open(t, 'discord')
  server.answer = { status: 200, body: '{"id":"1234567890123456789","content":""}' }
  t.same(await send(), { status: 'sent', ref: '1234567890123456789' })
  t.equal(server.calls[0]?.url, `/${SECRET}?wait=true`)
  t.match(server.calls[0]?.body, {
    content: /^backup & \\<restore\\> \\\*failed\\\*\nit broke @everyone \\\[x\\\]\\\(http/,
    allowed_mentions: { parse: [] },
  })
  await send({ text: '*'.repeat(3_000) })
  const { content } = (server.calls[1]?.body ?? {}) as { content: string }
  t.ok(content.length <= DISCORD_CHARS_MAX)
  t.match(content, /^(\\\*)+…$/, 'no escape is cut in two')
})

t.test('anything else gets plain JSON; a name and password are Basic', async (t) => {
  const server = await startWebhookServer(t)
  const url = server.url.replace('http://', 'http://desk:hunter2hunter2@')
  const sent = await createWebhook({ url, shape: 'json', token: null }).send(message, never)
  t.equal(sent.status, 'sent')
  const bare = url.replace('hunter2hunter2', '100%')
  t.match(await createWebhook({ url: bare, shape: 'json', token: null }).send(message, never), {
    status: 'broken',
    reason: /MC_ALERT_WEBHOOK_URL needs a % .* as %25/,
  })
  t.match(server.calls[0], {
    headers: { authorization: `Basic ${Buffer.from('desk:hunter2hunter2').toString('base64')}` },
    body: {
      source: 'mission-control',
      title: message.title,
      text: message.text,
      urgent: true,
      url: message.url,
    },
  })
})

t.test(
  'what the other side answers is read as what to do, and its secret is not told',
  async (t) => {
    const { server, send } = await open(t, 'slack')
    const cases: [typeof server.answer, object][] = [
      [
        { status: 429, headers: { 'retry-after': '7' } },
        { status: 'wait', afterMs: 7_000 },
      ],
      [
        { status: 429, body: '{"retry_after": 1.5}' },
        { status: 'wait', afterMs: 1_500 },
      ],
      [
        { status: 503, body: 'later' },
        { status: 'retry', reason: /503 .*later/ },
      ],
      [
        { status: 404, body: 'no_service' },
        { status: 'broken', reason: /404 .*no_service/ },
      ],
      [{ status: 410 }, { status: 'broken' }],
      [
        { status: 403, body: `no access to ${SECRET}\u001b[31m` },
        { status: 'broken', reason: /\[redacted\]$/ },
      ],
      [
        { status: 302, headers: { location: 'https://elsewhere.example/x' } },
        { status: 'broken', reason: /redirects to elsewhere\.example/ },
      ],
      ['hang_up', { status: 'retry', unsure: true }],
    ]
    for (const [answer, expected] of cases) {
      server.answer = answer
      const sent = await send()
      t.match(sent, expected, JSON.stringify(answer))
      t.notMatch(JSON.stringify(sent), SECRET.slice(10))
    }
    t.equal(server.calls.length, cases.length, 'no redirect was followed')
    await server.close()
    t.match(await send(), { status: 'retry', unsure: false, reason: /ECONNREFUSED/ })
  },
)
