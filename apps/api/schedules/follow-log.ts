import type { Clock } from '@mc/core/clock.ts'
import { isOpenRun } from '@mc/core/runs/run.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import type { Runs } from '@mc/core/runs/runs.ts'

/** `id` is the byte up to which a returning listener has seen it; null keeps the last. */
export type LogEvent =
  | { event: 'output'; id: number; data: { text: string; from: number; to: number } }
  | { event: 'still'; id: null; data: { size: number } }
  | { event: 'end'; id: number; data: { status: string } }

const PART_BYTES_MAX = 64 * 1024
/** Between two looks at the file, only while somebody listens. */
const LOOK_MS = 250
/** So that a proxy keeps the connection of a run that says nothing. */
const STILL_LOOKS = 60

/** Tells what a run says from byte `from` on, as it comes, to its end or until the signal aborts. */
export const followLog = async (
  { runs, logs, clock }: { runs: Runs; logs: RunLogs; clock: Clock },
  id: string,
  from: number,
  send: (event: LogEvent) => void,
  signal: AbortSignal,
): Promise<void> => {
  let at = from
  let quiet = 0
  while (!signal.aborted) {
    // Asked before the log is read: what it said last is there when it has ended.
    const run = await runs.find(id)
    const part = await logs.read(id, at, PART_BYTES_MAX)
    if (part && part.to > at) {
      send({
        event: 'output',
        id: part.to,
        data: { text: part.text, from: part.from, to: part.to },
      })
      at = part.to
      quiet = 0
      if (part.to < part.size) continue
    } else if (part && at < 0) at = part.to
    if (!run || !isOpenRun(run.status)) {
      send({ event: 'end', id: Math.max(at, 0), data: { status: run?.status ?? 'gone' } })
      return
    }
    quiet++
    if (quiet % STILL_LOOKS === 0)
      send({ event: 'still', id: null, data: { size: part?.size ?? 0 } })
    await clock.sleep(LOOK_MS, signal)
  }
}
