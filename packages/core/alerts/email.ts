import type { Transporter } from 'nodemailer'
import { plainText } from '../redaction/plain.ts'
import { createRedactor } from '../redaction/redact.ts'
import type { Channel, Sent } from './channel.ts'
import type { AlertSettings } from './settings.ts'
import { neverLeft } from './unsure.ts'
import { BARE_PERCENT, urlCredentials } from './url-credentials.ts'

const CONNECT_WITHIN_MS = 10_000
const ANSWER_WITHIN_MS = 20_000
const SUBJECT_CHARS_MAX = 200
const REASON_CHARS_MAX = 300

/** Alerts as plain e-mail over SMTP. */
export const createEmail = ({ url, from, to }: NonNullable<AlertSettings['email']>): Channel => {
  const credentials = urlCredentials(url)
  const { username, password } = new URL(url)
  const redact = createRedactor([url, credentials?.password ?? '', password, username])
  let transport: Transporter | undefined
  return {
    send: async ({ text, title, urgent }, signal) => {
      if (signal.aborted) return { status: 'retry', reason: 'The sender is stopping' }
      if (!credentials) return { status: 'broken', reason: `MC_SMTP_URL needs ${BARE_PERCENT}` }
      try {
        // Loaded at the first message: many desks have no e-mail.
        const { createTransport } = await import('nodemailer')
        transport ??= createTransport({
          url,
          connectionTimeout: CONNECT_WITHIN_MS,
          greetingTimeout: CONNECT_WITHIN_MS,
          socketTimeout: ANSWER_WITHIN_MS,
          // A text from outside names no file and no address to fetch.
          disableFileAccess: true,
          disableUrlAccess: true,
        })
        const info = (await transport.sendMail({
          from,
          to,
          subject: subjectOf(title, urgent),
          text,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          ...(urgent ? { priority: 'high' as const } : {}),
        })) as { messageId: string }
        return { status: 'sent', ref: info.messageId }
      } catch (error) {
        return readFailure(error as SmtpFailure, (words) =>
          redact(plainText(words)).slice(0, REASON_CHARS_MAX),
        )
      }
    },
  }
}

type SmtpFailure = Error & { code?: string; responseCode?: number }

/** 4xx of SMTP and a way that failed pass; 5xx, a refused sign-in and bad TLS wait for a person. */
const readFailure = (error: SmtpFailure, say: (words: string) => string): Sent => {
  const reason = say(error.message)
  const { code = '', responseCode = 0 } = error
  const needsPerson = ['EAUTH', 'EENVELOPE', 'ETLS', 'EOAUTH2', 'ENOAUTH', 'EREQUIRETLS', 'ECONFIG']
  if (responseCode >= 400 && responseCode < 500) return { status: 'retry', reason }
  if (responseCode >= 500 || needsPerson.includes(code)) return { status: 'broken', reason }
  // A connection that closes tells not whether the text had been taken.
  return { status: 'retry', reason, unsure: code !== 'EDNS' && !neverLeft(error) }
}

const subjectOf = (title = 'Mission Control', urgent = false): string =>
  `${urgent ? '[urgent] ' : ''}${title}`
    .replace(/\s+/g, ' ')
    .slice(0, SUBJECT_CHARS_MAX)
    .toWellFormed()
