import { plainText } from '@mc/core/redaction/plain.ts'
import type { Redactor } from '@mc/core/redaction/redact.ts'
import { createCapture } from '@mc/core/runs/capture.ts'
import type { HttpRequest } from '@mc/core/tasks/task.ts'
import { type AnswerHeaders, ask } from './ask.ts'
import { type Attempt, attempt } from './attempt.ts'
import { saysAuth } from './says-auth.ts'

/** More of an answer is not read: assertions look at this much. */
export const BODY_BYTES_MAX = 1_048_576

/** One request and what its answer tells. Never throws for what the other side does. */
export const runHttp = async (
  request: HttpRequest,
  limits: { timeoutMs: number; redact: Redactor; signal: AbortSignal; now?: () => Date },
): Promise<Attempt> => {
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const head = `${request.method} ${limits.redact(request.url)}`
  try {
    const answer = await ask(
      { ...request, headers: { 'user-agent': 'mission-control', ...request.headers } },
      { bytesMax: BODY_BYTES_MAX, signal: AbortSignal.any([timeout, limits.signal]) },
    )
    const capture = createCapture()
    capture.add(`${head}\n${answer.status} ${answer.statusText}\n\n${answer.text}`)
    const { text, droppedBytes } = capture.read(limits.redact)
    return {
      ...judgeAnswer(request, answer, answer.text, limits.now?.()),
      output: answer.isCut ? `${text}\n[… only the first 1 MiB of the answer was read …]` : text,
      droppedBytes: answer.unreadBytes === null ? null : droppedBytes + answer.unreadBytes,
    }
  } catch (error) {
    if (limits.signal.aborted) return attempt({ status: 'interrupted', cause: 'Was ended' })
    if (timeout.aborted)
      return attempt({
        status: 'timeout',
        cause: `No whole answer within ${limits.timeoutMs / 1_000} s`,
        output: `${head}\nNo whole answer within ${limits.timeoutMs / 1_000} s`,
        passing: true,
      })
    return judgeNoAnswer(error as Error, head, limits.redact)
  }
}

/** What an answer tells. Status first, then what was expected of it. */
export const judgeAnswer = (
  { expect }: Pick<HttpRequest, 'expect'>,
  response: { status: number; headers: AnswerHeaders; isCut?: boolean },
  body: string,
  now: Date = new Date(),
): Attempt => {
  const { status } = response
  const known = { code: status, line: `HTTP ${status}` }
  const expected = expect.statuses.length > 0 ? expect.statuses.includes(status) : isSuccess(status)
  if (saysAuth(body))
    return attempt({ ...known, status: 'auth', cause: 'Not authorised, says the answer' })
  if (!expected && isAuth(response, body))
    return attempt({ ...known, status: 'auth', cause: `Not authorised: HTTP ${status}` })
  if (!expected)
    return attempt({
      ...known,
      status: 'failed',
      cause: `Expected ${expect.statuses.join(' or ') || 'a success (2xx)'}, got HTTP ${status}`,
      passing:
        status >= 500 || status === 408 || (status === 429 && response.headers.has('retry-after')),
      retryAfterMs: retryAfter(response.headers.get('retry-after'), now),
    })
  if (expect.contains !== null && !body.includes(expect.contains))
    return attempt({
      ...known,
      status: 'failed',
      cause: response.isCut
        ? `Expected the answer to contain "${expect.contains}", and it is not in the first 1 MiB of the answer`
        : `Expected the answer to contain "${expect.contains}", and it did not`,
      line: 'the expected text is not there',
    })
  return attempt({ status: 'ok' })
}

/** 401 and 407; 403 too, unless the answer speaks of money or of too many requests. */
const isAuth = (
  { status, headers }: { status: number; headers: AnswerHeaders },
  body: string,
): boolean =>
  status === 401 ||
  status === 407 ||
  (status === 403 &&
    !/billing|payment|quota|rate.?limit|too many|credit|insufficient/i.test(
      body.slice(0, 65_536),
    ) &&
    headers.get('retry-after') === null &&
    headers.get('x-ratelimit-remaining') !== '0')

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Seconds or a date; null when it is neither. */
const retryAfter = (value: string | null, now: Date): number | null => {
  if (value === null) return null
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime())
}

const judgeNoAnswer = (error: Error, head: string, redact: Redactor): Attempt => {
  const code = (error as NodeJS.ErrnoException).code ?? null
  const words = plainText(redact(error.message || (code ?? 'the connection broke')))
  return attempt({
    status: code?.startsWith('ERR_INVALID_') ? 'could_not_start' : 'failed',
    cause: `No answer: ${words}`,
    code,
    line: words,
    output: `${head}\n${words}`,
    passing: code !== null && /^E(?:CONN|TIMEDOUT|AI_AGAIN|HOSTUNREACH|NETUNREACH|PIPE)/.test(code),
  })
}
