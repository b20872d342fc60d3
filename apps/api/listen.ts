import type { Config } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { FastifyInstance } from 'fastify'

/** Listens, or throws an AppError that says what stands in the way and what to do. */
export const listen = async (app: FastifyInstance, http: Config['http']): Promise<void> => {
  try {
    await app.listen({ host: http.host, port: http.port })
  } catch (cause) {
    throw listenFailure(http, cause)
  }
}

/** Why nothing can listen there, as a person can mend it; an unknown cause comes back as it is. */
export const listenFailure = (
  http: Pick<Config['http'], 'host' | 'port'>,
  cause: unknown,
): unknown => {
  const code = (cause as NodeJS.ErrnoException).code
  const where = `${http.host}:${http.port}`
  if (code === 'EADDRINUSE')
    return new AppError('unavailable', `Port ${http.port} is taken by another program`, {
      hint: `Is Mission Control running already? Open http://${where}. Otherwise set MC_PORT to a free port.`,
      cause,
    })
  if (code === 'EACCES')
    return new AppError('unavailable', `This user may not listen on ${where}`, {
      hint: 'Set MC_PORT to a port above 1023.',
      cause,
    })
  if (code === 'EADDRNOTAVAIL')
    return new AppError('unavailable', `${http.host} is not an address of this machine`, {
      hint: 'Set MC_HOST to one that is; 127.0.0.1 always works.',
      cause,
    })
  return cause
}
