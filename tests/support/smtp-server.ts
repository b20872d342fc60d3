import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export type Mail = { from: string; to: string[]; data: string }

export type SmtpServer = {
  /** For MC_SMTP_URL, with the user and password it knows. */
  url: string
  port: number
  mails: Mail[]
  /** What the next commands are answered with, by their first word; otherwise as usual. */
  answers: Partial<Record<'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'END' | 'HELLO', string>>
  /** The connection is closed without an answer to the text. */
  hangsUpAfterData: boolean
  close(): Promise<void>
}

export const SMTP_PASSWORD = 'correct-horse-battery'

/** SMTP on loopback, as much as a client needs to hand over a mail: AUTH PLAIN, one mail a connection. */
export const startSmtpServer = async (test: Test): Promise<SmtpServer> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    converse(socket, smtp)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  const smtp: SmtpServer = {
    url: `smtp://desk:${SMTP_PASSWORD}@127.0.0.1:${port}`,
    port,
    mails: [],
    answers: {},
    hangsUpAfterData: false,
    close,
  }
  test.teardown(close)
  return smtp
}

const converse = (socket: Socket, smtp: SmtpServer): void => {
  const say = (line: string) => socket.write(`${line}\r\n`)
  let mail: Mail = { from: '', to: [], data: '' }
  let inData = false
  let buffer = ''
  const take = (line: string): void => {
    const verb = line.split(/[ :]/)[0]?.toUpperCase()
    const { answers } = smtp
    if (verb === 'EHLO')
      return void socket.write('250-loopback\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n')
    if (verb === 'AUTH') {
      const given = Buffer.from(line.split(' ')[2] ?? '', 'base64')
        .toString()
        .split('\0')
      const isRight = given[1] === 'desk' && given[2] === SMTP_PASSWORD
      say(answers.AUTH ?? (isRight ? '235 welcome' : `535 5.7.8 no such user ${given[2]}`))
    } else if (verb === 'MAIL') {
      mail = { from: /<(.*?)>/.exec(line)?.[1] ?? '', to: [], data: '' }
      say(answers.MAIL ?? '250 ok')
    } else if (verb === 'RCPT') {
      if (!answers.RCPT) mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '')
      say(answers.RCPT ?? '250 ok')
    } else if (verb === 'DATA') {
      inData = true
      say('354 go on')
    } else if (verb === 'QUIT') {
      say('221 bye')
      socket.end()
    } else say('250 ok')
  }
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    buffer += chunk
    for (;;) {
      const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n')
      if (end === -1) return
      const text = buffer.slice(0, end)
      buffer = buffer.slice(end + (inData ? 5 : 2))
      if (!inData) {
        take(text)
        continue
      }
      inData = false
      if (smtp.hangsUpAfterData) return void socket.destroy()
      if (!smtp.answers.END) smtp.mails.push({ ...mail, data: text })
      say(smtp.answers.END ?? '250 kept')
    }
  })
  say(smtp.answers.HELLO ?? '220 loopback')
}
