import { createServer } from 'node:net'
import { listenFailure } from '@mc/api/listen.ts'
import type { Config } from '@mc/core/config.ts'

/**
 * The port that the api will find free: the wanted one, or any for 0. Throws an AppError that
 * says what stands in the way.
 */
export const freePort = (http: Pick<Config['http'], 'host' | 'port'>): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => reject(listenFailure(http, error)))
    probe.listen(http.port, http.host, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : http.port
      probe.close(() => resolve(port))
    })
  })
