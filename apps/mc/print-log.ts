import type { Desk } from './desk.ts'

type LogPart = { text: string; to: number; size: number; ended: boolean; lastLines?: string }

/**
 * Prints what a run has said: plain text since it was written, so that no terminal code is in it.
 * Of one whose log was full the last lines follow. With `follow` to its end, whose status it
 * returns; null when it was not followed that far.
 */
export const printLog = async (desk: Desk, id: string, follow: boolean): Promise<string | null> => {
  const path = `/api/v1/runs/${encodeURIComponent(id)}/log`
  const read = (from: number) => desk.client.get<LogPart>(path, { from })
  let at = 0
  for (;;) {
    const part = await read(at)
    process.stdout.write(part.text)
    const more = part.to > at && part.to < part.size
    at = part.to
    if (more) continue
    if (!follow) printLastLines(part)
    break
  }
  if (!follow) return null
  for await (const { event, data } of desk.client.events(`${path}/events?from=${at}`)) {
    if (event === 'output') {
      const said = data as { text: string; to: number }
      process.stdout.write(said.text)
      at = said.to
    }
    if (event === 'end') {
      printLastLines(await read(at))
      return (data as { status: string }).status
    }
  }
  return null
}

const printLastLines = ({ lastLines }: LogPart): void => {
  if (lastLines !== undefined) process.stdout.write(`[… its last lines: …]\n${lastLines}`)
}
