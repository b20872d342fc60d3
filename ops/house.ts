import { readFileSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import { createClient } from '@mc/core/client/client.ts'
import { systemClock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { runHouse } from '@mc/core/luci/house/program.ts'

/*
 * The house responder, as it runs in Luci's pane. Mission Control starts it and says by the
 * environment where its record goes (MC_LUCI_RECORD), where the api is (MC_URL) and which file
 * holds its credential (MC_CREDENTIAL).
 */

/** The api may be restarting while a message is answered. */
const PATIENCE_MS = 30_000

const { MC_LUCI_RECORD, MC_URL, MC_CREDENTIAL } = process.env
const { stdin, stdout } = process

if (
  !MC_LUCI_RECORD ||
  !MC_URL ||
  !MC_CREDENTIAL ||
  !(stdin instanceof ReadStream) ||
  !(stdout instanceof WriteStream)
) {
  console.error('This program answers in Luci’s pane; "npx -y pnpm@12 start" starts it there.')
  process.exitCode = 2
} else {
  const token = () => {
    try {
      // Read anew each time: the credential may be replaced while this program lives.
      return readFileSync(MC_CREDENTIAL, 'utf8').trim()
    } catch (cause) {
      throw new AppError('unavailable', `My credential cannot be read at ${MC_CREDENTIAL}`, {
        cause,
      })
    }
  }
  const brain = import('@mc/core/luci/house/respond.ts')
  await runHouse({
    input: stdin,
    output: stdout,
    clock: systemClock,
    record: MC_LUCI_RECORD,
    // Loaded while the banner is read: the schemas behind it take longer than all the rest.
    respond: async (...asked) => (await brain).respond(...asked),
    clientFor: (turn) => {
      const client = () =>
        createClient({
          url: MC_URL,
          token: token(),
          turn: turn ?? undefined,
          patienceMs: PATIENCE_MS,
        })
      return {
        get: async (path, query) => client().get(path, query),
        post: async (path, body) => client().post(path, body),
      }
    },
  })
  process.exit(0)
}
