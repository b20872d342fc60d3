import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { asAgent, asCli, HOST, ORIGIN, openPage, type Session, signInBy } from './desk.ts'

const start = (test: Test, env = {}) => startApp(test, { listen: false, env })
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])

type File = { name: string; bytes: Buffer | string; type?: string }

const multipart = (fields: Record<string, string>, files: File[]) => {
  const boundary = 'x-mission-control-x'
  const parts = [
    ...Object.entries(fields).map(
      ([name, value]) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    ...files.flatMap(({ name, bytes, type = 'application/octet-stream' }) => [
      `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`,
      bytes,
      '\r\n',
    ]),
    `--${boundary}--\r\n`,
  ]
  return {
    payload: Buffer.concat(parts.map((part) => Buffer.from(part))),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}

const upload = async (
  { app }: RunningApp,
  { cookie, csrf }: Session,
  files: File[],
  { url = '/api/v1/attachments', fields = {}, headers = {} } = {},
) => {
  const form = multipart(fields, files)
  return app.inject({
    method: 'POST',
    url,
    payload: form.payload,
    headers: {
      host: HOST,
      origin: ORIGIN,
      cookie,
      ...(csrf ? { 'x-csrf-token': csrf } : {}),
      ...form.headers,
      ...headers,
    },
  })
}

type Uploaded = {
  items: { id: string; name: string; mediaType: string; url: string; isImage: boolean }[]
}

const filesOf = ({ config }: RunningApp): string[] => {
  const root = join(config.dataDir, 'attachments')
  return existsSync(root)
    ? readdirSync(root, { recursive: true })
        .map(String)
        .filter((name) => name.includes('-') && name.includes('/'))
    : []
}

t.test('a file is uploaded, named to Luci by path and shown with its message', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const answer = await upload(running, session, [{ name: 'shot of it.png', bytes: PNG }])
  t.equal(answer.statusCode, 201)
  const [one] = answer.json<Uploaded>().items
  t.match(one, { mediaType: 'image/png', isImage: true, bytes: 11 })
  const sent = await asCli(running, 'POST', '/api/v1/session_start', {
    mode: 'chat',
    text: 'What is this?',
    attachments: [one?.id],
  })
  const { turn } = sent.json<{ turn: { id: string; text: string } }>()
  const path = /Attached: (\S+) \(image\/png, 11 B\)$/.exec(turn.text)?.[1] ?? ''
  t.match(path, /attachments\/\d{4}-\d\d\/[0-9a-f]{16}-shot-of-it\.png$/)
  t.ok(existsSync(path))
  const again = { mode: 'chat', text: 'Again', attachments: [one?.id] }
  t.equal((await asCli(running, 'POST', '/api/v1/session_start', again)).statusCode, 409)
})

t.test('only what is an image by its bytes is shown; nothing served can run', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const script = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const answer = await upload(running, session, [
    { name: 'a.png', bytes: PNG },
    { name: 'b.svg', bytes: script, type: 'image/svg+xml' },
    { name: 'c.png', bytes: '<html><script>alert(1)</script>', type: 'image/png' },
    { name: 'd %22x%22 50%25.html', bytes: '<script>alert(1)</script>', type: 'text/html' },
  ])
  const { items } = answer.json<Uploaded>()
  t.equal(items[3]?.name, 'd "x" 50%25.html', 'a browser writes a quote as %22 and nothing else')
  t.same(
    items.map((one) => one.isImage),
    [true, false, false, false],
  )
  for (const [index, one] of items.entries()) {
    const { headers } = await openPage(running, session, one.url)
    t.match(headers['content-disposition'], index === 0 ? /^inline/ : /^attachment/)
    t.equal(headers['content-type'], index === 0 ? 'image/png' : 'application/octet-stream')
    t.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
    t.equal(headers['x-content-type-options'], 'nosniff')
  }
  const stranger = await running.app.inject({ url: items[0]?.url ?? '', headers: { host: HOST } })
  t.equal(stranger.statusCode, 401)
})

t.test('what is too large, too many, or not ours leaves nothing on the disk', async (t) => {
  const running = await start(t, { MC_ATTACHMENT_MB: '1' })
  const session = await signInBy(running)
  const large = await upload(running, session, [
    { name: 'ok.txt', bytes: 'x' },
    { name: 'large.bin', bytes: Buffer.alloc(1_100_000) },
  ])
  t.equal(large.statusCode, 413)
  t.match(large.json(), { detail: /large\.bin is larger than 1\.0 MB \(MC_ATTACHMENT_MB\)/ })
  const many = Array.from({ length: 11 }, (_, n) => ({ name: `${n}.txt`, bytes: 'x' }))
  t.equal((await upload(running, session, many)).statusCode, 413)
  const forged = await upload(running, { ...session, csrf: 'x' }, [{ name: 'a.txt', bytes: 'x' }])
  t.equal(forged.statusCode, 403)
  const elsewhere = await upload(running, session, [{ name: 'a', bytes: 'x' }], {
    url: '/api/v1/tickets',
  })
  t.equal(elsewhere.statusCode, 415, 'a route that takes none')
  t.equal((await asAgent(running, 'POST', '/api/v1/attachments')).statusCode, 403)
  t.same(filesOf(running), [])
})

t.test('taken back before it is sent, it is gone; sent, it stays', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const answer = await upload(running, session, [
    { name: 'a.txt', bytes: 'a' },
    { name: 'b.txt', bytes: 'b' },
  ])
  const [a, b] = answer.json<Uploaded>().items
  t.equal((await asCli(running, 'DELETE', `/api/v1/attachments/${a?.id}`)).statusCode, 204)
  t.equal(filesOf(running).length, 1)
  await asCli(running, 'POST', '/api/v1/session_start', {
    mode: 'quick_ticket',
    text: 'Read it',
    attachments: [b?.id],
  })
  t.equal((await asCli(running, 'DELETE', `/api/v1/attachments/${b?.id}`)).statusCode, 409)
  const ticket = await openPage(running, session, '/tickets/MC-1')
  t.match(ticket.body, new RegExp(`<a href="/attachments/${b?.id}"[^>]*>b\\.txt</a>`))
})

t.test('without script the form itself carries the files', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const send = (files: File[], fields: Record<string, string>) =>
    upload(running, { ...session, csrf: '' }, files, {
      url: '/api/v1/session_start',
      fields: { _csrf: session.csrf, _back: '/', mode: 'chat', ...fields },
      headers: { accept: 'text/html' },
    })
  const sent = await send([{ name: 'a.png', bytes: PNG }], { text: 'What is\r\nthis?' })
  t.equal(sent.statusCode, 303)
  const [turn] = await running.db.kysely.selectFrom('turns').selectAll().execute()
  t.match(turn?.text, /^What is\nthis\?\n\nAttached: .*a\.png/)
  const page = await openPage(running, session, '/')
  t.match(page.body, /<img [^>]*src="\/attachments\/[0-9a-f]{16}"/)
  t.notMatch(page.body, 'Attached: ')
  t.equal((await send([{ name: '', bytes: '' }], { text: 'No file' })).statusCode, 303)
  t.equal((await send([{ name: 'b.txt', bytes: 'x' }], { text: ' ' })).statusCode, 400)
  await until('what was refused to be gone', () => filesOf(running).length === 1)
})

t.test(
  'a quick ticket’s first line says how urgent it is, what about and until when',
  async (t) => {
    const running = await start(t)
    const answer = await asCli(running, 'POST', '/api/v1/session_start', {
      mode: 'quick_ticket',
      text: 'Buy disks !1 #nas due fri\nTwo of them',
      today: '2026-11-22',
    })
    t.match(answer.json(), {
      ticket: {
        title: 'Buy disks',
        body: 'Two of them',
        priority: 'critical',
        labels: ['nas'],
        due: '2026-11-27',
      },
    })
  },
)
