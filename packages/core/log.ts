import { pino } from 'pino'

export type Log = {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  child(facts: object): Log
}

/**
 * One line per change of state: a constant message, facts as fields. Bodies and tokens never.
 * Pretty on a terminal, JSON elsewhere; always to stderr, so that stdout stays the program's.
 */
export const createLog = (component: string, level = 'info'): Log =>
  pino(
    {
      level,
      base: { component },
      redact: { paths: ['token', 'authorization', 'cookie', '*.token', '*.authorization'] },
      ...(process.stderr.isTTY
        ? {
            transport: {
              target: 'pino-pretty',
              options: {
                destination: 2,
                ignore: 'pid,hostname,component',
                messageFormat: '[{component}] {msg}',
              },
            },
          }
        : {}),
    },
    ...(process.stderr.isTTY ? [] : [pino.destination({ dest: 2, sync: true })]),
  )

/** For tests and one-shot commands. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
