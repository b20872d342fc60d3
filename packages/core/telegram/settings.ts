/** When what Luci asks is told at Telegram too. */
export const askModes = ['auto', 'always', 'away', 'off'] as const
/**
 * auto: at once when no page is open or the turn came by Telegram, else when nobody has answered
 * for a minute. always: at once. away: only while no page is open. off: never.
 */
export type AskMode = (typeof askModes)[number]

/** What reading the environment offers, as far as it is used here. */
type Read = {
  oneOf<T extends string>(name: string, choices: readonly T[], fallback: NoInfer<T>): T
}

export const readTelegramAsks = (read: Read): AskMode =>
  read.oneOf('MC_TELEGRAM_ASKS', askModes, 'auto')
