import { type Log, silentLog } from '@mc/core/log.ts'

/** The supervisor's own log: the same lines as its children's, written by itself. */
export const createConsoleLog = (
  component: string,
  line: (name: string, text: string) => void,
): Log => {
  const write = (level: number) => (facts: object, msg: string) => {
    const { err, ...rest } = facts as { err?: Error }
    const record = { level, msg, ...rest, ...(err ? { err: { stack: err.stack } } : {}) }
    line(component, JSON.stringify(record))
  }
  return {
    ...silentLog,
    info: write(30),
    warn: write(40),
    error: write(50),
    child: () => createConsoleLog(component, line),
  }
}
