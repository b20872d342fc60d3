import { createEmail } from '@mc/core/alerts/email.ts'
import t from 'tap'
import { SMTP_PASSWORD, startSmtpServer } from '../../support/smtp-server.ts'

const never = new AbortController().signal
const message = {
  html: '<b>x</b>',
  text: 'Sicherung läuft nicht\n.\nit broke 😀\n#12',
  title: 'Sicherung läuft nicht\r\nBcc: victim@example.org',
  urgent: true,
}

t.test('an alert is a plain mail to everybody named', async (t) => {
  const smtp = await startSmtpServer(t)
  const email = createEmail({
    url: smtp.url,
    from: 'Desk <desk@example.org>',
    to: ['ana@example.org', 'ben@example.org'],
  })
  const sent = await email.send(message, never)
  t.match(sent, { status: 'sent', ref: /^<.+@.+>$/ })
  const [mail] = smtp.mails
  t.match(mail, { from: 'desk@example.org', to: ['ana@example.org', 'ben@example.org'] })
  t.match(mail?.data, /^Auto-Submitted: auto-generated/im)
  t.match(mail?.data, /^Subject: =\?UTF-8\?/im)
  t.notMatch(mail?.data, /^Bcc:/im, 'a title makes no header')
  t.match(mail?.data, /Content-Transfer-Encoding: (quoted-printable|base64)/i)
})

t.test('what SMTP answers is read as what to do, and the password is not told', async (t) => {
  const smtp = await startSmtpServer(t)
  const send = (url = smtp.url) =>
    createEmail({ url, from: 'desk@example.org', to: ['ana@example.org'] }).send(message, never)
  smtp.answers = { RCPT: '451 4.7.1 greylisted, try again' }
  t.match(await send(), { status: 'retry', reason: /greylisted/ })
  smtp.answers = { RCPT: '550 5.1.1 no such mailbox' }
  t.match(await send(), { status: 'broken', reason: /no such mailbox/ })
  smtp.answers = { END: '552 5.3.4 too big' }
  t.match(await send(), { status: 'broken', reason: /too big/ })
  smtp.answers = {}
  const wrong = await send(smtp.url.replace(SMTP_PASSWORD, 'wrong-password-1'))
  t.match(wrong, { status: 'broken', reason: /535/ })
  t.notMatch(JSON.stringify(wrong), 'wrong-password-1')
  const bare = await send('smtp://desk:100%@127.0.0.1:25')
  t.match(bare, { status: 'broken', reason: /MC_SMTP_URL needs a % .* as %25/ })
  smtp.hangsUpAfterData = true
  t.match(await send(), { status: 'retry', unsure: true }, 'nobody knows whether it was kept')
  await smtp.close()
  t.match(await send(), { status: 'retry', reason: /ECONNREFUSED/ })
  t.equal(smtp.mails.length, 0)
})
