import { randomBytes } from 'node:crypto'
import type { Environment } from '@mc/core/config.ts'
import { silentLog } from '@mc/core/log.ts'
import { createLuci, type Luci } from '@mc/core/luci/luci.ts'
import { killServer } from '../core/luci/desk.ts'
import { type RunningApp, startApp, type Teardown } from '../support/app.ts'

/** An api with Luci herself, in a tmux server of her own that ends with the test. */
export const startWithLuci = (test: Teardown, env: Environment = {}): Promise<RunningApp<Luci>> => {
  const socket = `mc-test-${randomBytes(5).toString('hex')}`
  return startApp<Luci>(test, {
    env: { MC_TMUX_SOCKET: socket, ...env },
    luci: ({ db, bell, clock, config, url }) => {
      const luci = createLuci({
        db,
        bell,
        clock,
        log: silentLog,
        config: config.luci,
        dataDir: config.dataDir,
        apiUrl: url,
        env: process.env,
      })
      return {
        ...luci,
        close: async () => {
          await luci.close()
          killServer(socket)
        },
      }
    },
  })
}
