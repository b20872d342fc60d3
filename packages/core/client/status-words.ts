import type { Status } from './status.ts'

const PROBLEMS_SHOWN = 2

/** How the channel to the person is, both ways, as `start`, `mc` and the pages say it. */
export const telegramWords = (telegram: Status['telegram']): string => {
  if (!telegram.configured) return 'not configured'
  const heard = inboundWords(telegram.inbound)
  return heard === null ? outwardWords(telegram) : `${outwardWords(telegram)}; ${heard}`
}

const outwardWords = ({ problem, tried, failures }: Status['telegram']): string => {
  if (problem !== null) return `refused: ${problem}`
  if (!tried) return 'configured (not tried yet)'
  return failures > 0 ? 'configured, but not reached at the last try' : 'configured'
}

/** How what people write to the bot is heard; null while nobody tried to hear it. */
const inboundWords = ({ state, problem, strangers }: Status['telegram']['inbound']) => {
  if (state === 'off') return null
  if (state === 'problem') return `the bot is not heard: ${problem}`
  if (state === 'waiting') return 'another process listens to the bot'
  if (state === 'listening') return 'listens to the bot'
  const [last] = strangers
  const who = last
    ? `; the last who wrote was user ${last.userId} in chat ${last.chatId}`
    : '; write to the bot, and your id is shown here'
  return `nobody may talk to the bot: MC_TELEGRAM_ALLOWED_USERS is empty${who}`
}

/** What alerts go by beside Telegram, and how that is; null without another channel. */
export const channelsWords = ({ channels, telegram }: Pick<Status, 'channels' | 'telegram'>) =>
  channels.length === (telegram.configured ? 1 : 0)
    ? null
    : channels
        .map(({ label, problem, failures }, at) => {
          const does = `${label} ${at === 0 ? 'takes alerts' : 'stands in'}`
          if (problem !== null) return `${does}, but refused: ${problem}`
          return failures > 0 ? `${does}, but was not reached at the last try` : does
        })
        .join('; ')

/** Who wrote to the bot and is not on the list, as a person puts themselves on it; null: nobody. */
export const strangersWords = ({ inbound }: Status['telegram']): string | null =>
  inbound.strangers.length === 0
    ? null
    : inbound.strangers
        .map(
          ({ userId, chatId, at }) =>
            `user ${userId} in chat ${chatId} (${at.slice(0, 16).replace('T', ' ')} UTC)`,
        )
        .join(', ')

/** That all tasks are paused together, and why; null when they are not. */
export const pausedWords = (pause: Status['tasks']['allPaused']): string | null => {
  if (!pause) return null
  const reason = pause.reason ? `: ${pause.reason}` : ''
  const until = pause.until ? ` (until ${pause.until.slice(0, 16).replace('T', ' ')} UTC)` : ''
  const by = pause.by === 'person' ? 'you' : pause.by
  return `all tasks are paused by ${by}${reason}${until}`
}

/** What is wrong with the tasks file, in one line; null when nothing is. */
export const mistakesWords = (
  tasks: Pick<Status['tasks'], 'problems' | 'total'>,
): string | null => {
  const { problems, total } = tasks
  if (problems.length === 0) return null
  const what = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`
  const still = total > 0 ? 'the last good set runs on' : 'no task runs'
  const more = problems.length - PROBLEMS_SHOWN
  const first = problems.slice(0, PROBLEMS_SHOWN).join('; ')
  return `the tasks file has ${what}, ${still}: ${first}${more > 0 ? `; and ${more} more` : ''}`
}

/** What is wrong with the rules file, in one line; null when nothing is. */
export const rulesWords = ({ unclear }: Pick<Status, 'unclear'>): string | null =>
  unclear.find(({ check }) => check === 'rules')?.words ?? null

const NOT_ASKED = 'Luci is not asked, rules and fallback decide'

/** Whether Luci is asked about what no rule knows, as `mc` says it. */
export const digestWords = ({
  digests: breaker,
  switches,
  held,
}: Pick<Status, 'digests' | 'switches' | 'held'>): string => {
  if (switches.pickup?.value === 'off') return 'nobody reads the inbox: pickup is switched off'
  if (switches.pickup?.value === 'rules') return `${NOT_ASKED}: pickup is switched to rules`
  // As pickup has it: see apps/pickup/luci-takes.ts.
  if (held) return `${NOT_ASKED} meanwhile: ${held.reason}`
  if (switches.chat?.value === 'off') return `${NOT_ASKED}: chat is switched off`
  if (breaker.state === 'closed') return 'Luci is asked what no rule knows'
  const why = `Luci let the last ${breaker.silent} go by; rules and fallback decide`
  return breaker.state === 'open'
    ? `${why}, next try ${breaker.retryAt.slice(11, 16)} UTC`
    : `${why} until she answers the one on trial`
}

/** Whether there can be a terminal to look into: without tmux there is none. */
export const attachable = (luci: Status['luci']): boolean => luci.state !== 'unavailable'
