import type { Desk } from './desk.ts'

type LogPart = { text: string; to: number; size: number; ended: boolean }

/**
 * Prints what a run has said: plain text since it was written, so that no terminal code is in it.
 * With `follow` to its end, whose status it returns; null when it was not followed that far.
 */
export const printLog = async (desk: Desk, id: string, follow: boolean): Promise<string | null> => {
  const path = `/api/v1/runs/${encodeURIComponent(id)}/log`
  let at = 0
  for (;;) {
    const part = await desk.client.get<LogPart>(path, { from: at })
    process.stdout.write(part.text)
    const more = part.to > at && part.to < part.size
    at = part.to
    if (!more) break
  }
  if (!follow) return null
  for await (const { event, data } of desk.client.events(`${path}/events?from=${at}`)) {
    if (event === 'output') process.stdout.write((data as { text: string }).text)
    if (event === 'end') return (data as { status: string }).status
  }
  return null
}
