/** What reading the environment offers, as far as it is used here. */
type Read = {
  text(name: string): string | null
  duration(name: string, fallback: number): number
}

export type WatchSettings = {
  /** A secret: who knows it can say that all is well. Null: nobody outside is told. */
  pingUrl: string | null
  pingEveryMs: number
}

const PING_EVERY_MS = 60_000

/** Where and how often somebody outside is told that all beats. */
export const readWatch = (read: Read, problems: string[]): WatchSettings => {
  const pingUrl = read.text('MC_PING_URL')
  const isUrl = pingUrl !== null && URL.canParse(pingUrl) && /^https?:/.test(pingUrl)
  // Never with the value: it is a secret.
  if (pingUrl !== null && !isUrl) problems.push('MC_PING_URL: expected an http:// or https:// URL')
  return {
    pingUrl: isUrl ? pingUrl.replace(/\/+$/, '') : null,
    pingEveryMs: Math.max(1_000, read.duration('MC_PING_EVERY', PING_EVERY_MS)),
  }
}
