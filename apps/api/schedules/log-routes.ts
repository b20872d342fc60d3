import { createReadStream } from 'node:fs'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { isOpenRun } from '@mc/core/runs/run.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { Type } from 'typebox'
import { beginEvents } from '../event-stream.ts'
import { NameParam } from '../schemas.ts'
import { followLog, type LogEvent } from './follow-log.ts'
import { lastLines } from './last-lines.ts'

/** So much of a log is answered at once. */
const PART_BYTES_MAX = 256 * 1024
/** A listener this far behind waits for no more: it returns with the last byte it saw. */
const BEHIND_BYTES_MAX = 2_000_000
const RETRY_MS = 1_000

const From = Type.Object({
  /** A byte of the log; negative: so many before its end. */
  from: Type.Optional(Type.Integer({ default: 0 })),
})

const PartShape = Type.Object({
  text: Type.String(),
  from: Type.Integer(),
  to: Type.Integer(),
  size: Type.Integer(),
  /** No more will come. */
  ended: Type.Boolean(),
  /** What came after a log that is full, as far as it was kept: with the last part of one that ended. */
  lastLines: Type.Optional(Type.String()),
})

/** What a run said: in parts, whole, and as it comes. */
export const logRoutes: FastifyPluginAsyncTypebox<{
  runs: Runs
  logs: RunLogs
  clock: Clock
}> = async (app, { runs, logs, clock }) => {
  const open = new Set<AbortController>()
  app.addHook('preClose', async () => {
    for (const following of [...open]) following.abort()
  })

  app.get(
    '/:id/log',
    { schema: { params: NameParam, querystring: From, response: { 200: PartShape } } },
    async (request) => {
      const run = await runs.get(request.params.id)
      const part = await logs.read(run.id, request.query.from ?? 0, PART_BYTES_MAX)
      const ended = !isOpenRun(run.status)
      if (part) {
        const last = part.to === part.size ? lastLines(run, part.size) : null
        return { ...part, ended, ...(last === null ? {} : { lastLines: last }) }
      }
      // Requests, and runs of before, have what the row kept.
      const kept = Buffer.from(ended ? (run.output ?? '') : '')
      const { from = 0 } = request.query
      const start = Math.min(kept.length, from < 0 ? Math.max(0, kept.length + from) : from)
      return {
        text: kept.subarray(start).toString('utf8'),
        from: start,
        to: kept.length,
        size: kept.length,
        ended,
      }
    },
  )

  app.get(
    '/:id/log/file',
    { schema: { params: NameParam, produces: ['text/plain'] } },
    async (request, reply) => {
      const run = await runs.get(request.params.id)
      const size = await logs.size(run.id)
      if (size === null && run.output === null)
        throw new AppError('not_found', `Run ${run.id} has no log`, {
          hint: isOpenRun(run.status)
            ? 'It has said nothing yet.'
            : 'It said nothing, or its log was kept long enough.',
        })
      const name = `${run.taskId ?? `MC-${run.ticketId}`}-${run.id}.log`.replace(/[^\w.-]/g, '_')
      reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('cache-control', 'no-store')
      if (size === null) return reply.send(run.output)
      // Only what there is now: a file that grows meanwhile would not fit its length.
      if (size === 0) return reply.send('')
      return reply
        .header('content-length', size)
        .send(createReadStream(logs.pathOf(run.id), { end: size - 1 }))
    },
  )

  app.get(
    '/:id/log/events',
    { schema: { params: NameParam, querystring: From, produces: ['text/event-stream'] } },
    async (request, reply) => {
      const run = await runs.get(request.params.id)
      const last = request.headers['last-event-id']
      const seen = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : null
      const raw = beginEvents(reply, RETRY_MS)
      const following = new AbortController()
      open.add(following)
      raw.on('close', () => following.abort())
      const send = ({ event, data, id }: LogEvent) => {
        if (raw.writableLength > BEHIND_BYTES_MAX) return following.abort()
        const head = id === null ? '' : `id: ${id}\n`
        raw.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      }
      const from = seen ?? request.query.from ?? 0
      await followLog({ runs, logs, clock }, run.id, from, send, following.signal)
      open.delete(following)
      raw.end()
    },
  )
}
