import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import { isAbsolute, join, resolve } from 'node:path'
import { type AlertSettings, readAlertSettings } from './alerts/settings.ts'
import { type AttachmentSettings, readAttachments } from './attachments/settings.ts'
import { readWeeklyReport, type WeeklyReport } from './audit/settings.ts'
import { type CostSettings, readCosts } from './costs/settings.ts'
import { isPasswordHash } from './credentials/password.ts'
import { AppError } from './errors.ts'
import { type ProfileName, profileNames } from './luci/profiles/names.ts'
import type { Keep } from './retention/keep.ts'
import { readKeep } from './retention/settings.ts'
import { type AskMode, readTelegramAsks } from './telegram/settings.ts'
import type { ActionClass, AutonomyMode } from './trust/classes.ts'
import { readAutonomyFirst } from './trust/settings.ts'
import { readWorkers, type WorkerSettings } from './worker-programs/settings.ts'
import { readWatch, type WatchSettings } from './workers/settings.ts'

export type SchedulerMode = 'inbox' | 'direct' | 'both'
export type PickupMode = 'orchestrate' | 'rules' | 'off'
export type ChatMode = 'persistent' | 'off'
export { type ProfileName, profileNames }

/** The environment, checked and nested. Durations are milliseconds, paths absolute. */
export type Config = {
  dataDir: string
  /** A path for SQLite, or a `postgres://` URL: what `openDatabase` takes. */
  database: string
  http: {
    host: string
    port: number
    /** For links and the Host list; null means http://host:port. */
    publicUrl: string | null
    /** scrypt hash of the optional password. */
    passwordHash: string | null
    /** Whose word on the visitor's address counts: addresses, ranges, or `loopback`; false: nobody's. */
    trustProxy: string | false
  }
  tasksFile: string
  /** What people want done with what comes in. */
  triageFile: string
  luci: {
    tmuxSocket: string | null
    profile: ProfileName
    /** Program of the generic profile, as argv. */
    command: string[] | null
    /** Regular expression of its prompt at the end of the output. */
    prompt: string | null
    cwd: string
  }
  /** Headless programs that do delegated tickets. */
  workers: WorkerSettings
  telegram: {
    token: string | null
    chatId: string | null
    allowedUsers: number[]
    apiRoot: string
  }
  /** First values; what a person sets is stored and wins (see settings). */
  switches: {
    chat: ChatMode
    scheduler: SchedulerMode
    pickup: PickupMode
    autonomy: AutonomyMode
  }
  /** Classes of action that are unlocked until a person says otherwise. */
  autonomy: { trusted: readonly ActionClass[] }
  triage: {
    groupWaitMs: number
    groupIntervalMs: number
    verdictTimeoutMs: number
    repeatIntervalMs: number
  }
  /** Quiet hours, and the channels beside Telegram. */
  alerting: AlertSettings
  /** When what Luci asks is told at Telegram. */
  telegramAsks: AskMode
  /** How much of the past is kept. */
  keep: Keep
  attachments: AttachmentSettings
  /** Who outside is told that all beats. */
  watch: WatchSettings
  /** What a day may cost, and what models do. */
  costs: CostSettings
  /** When the week is told; null: only on its page. */
  weeklyReport: WeeklyReport | null
  logLevel: string
}

export type Environment = Record<string, string | undefined>

/**
 * Checks the environment whole. `root` is the project's folder: relative paths start there.
 * Throws one AppError that lists every problem, each with what was expected and what came.
 */
export const readConfig = (env: Environment, root: string): Config => {
  const problems: string[] = []
  const read = reader(env, problems)
  const dataDir = resolve(root, read.text('MC_DATA_DIR') ?? 'data')
  const path = (name: string, fallback: string) => {
    const value = read.text(name) ?? fallback
    return isAbsolute(value) ? value : resolve(root, value)
  }
  // A folder of her own below ours: what she may write must not be what we run.
  const lucisFolder = path('MC_LUCI_CWD', join(dataDir, 'luci', 'work'))
  const databaseUrl = read.text('DATABASE_URL')
  if (databaseUrl && !/^postgres(ql)?:\/\//.test(databaseUrl))
    problems.push('DATABASE_URL: expected a postgres:// URL, or nothing for SQLite in MC_DATA_DIR')
  const host = read.text('MC_HOST') ?? '127.0.0.1'
  // The whole line that mc prints will do, as a shell's $(…) takes it.
  const passwordHash = read.text('MC_PASSWORD_HASH')?.replace(/^MC_PASSWORD_HASH=/, '') ?? null
  if (passwordHash !== null && !isPasswordHash(passwordHash))
    problems.push(
      'MC_PASSWORD_HASH: expected scrypt:… as "npx -y pnpm@12 mc password-hash" prints it, not the password itself',
    )
  if (!isLoopback(host) && !passwordHash)
    problems.push(
      `MC_HOST: ${host} is not a loopback address, which needs a password: run "npx -y pnpm@12 mc password-hash" and set MC_PASSWORD_HASH, or use 127.0.0.1`,
    )
  const publicUrl = read.url('MC_PUBLIC_URL')
  if (publicUrl && new URL(publicUrl).pathname !== '/')
    problems.push(
      `MC_PUBLIC_URL: expected a host of its own (https://desk.example), got a path ${new URL(publicUrl).pathname} on one: links begin with /`,
    )
  const autonomy = readAutonomyFirst(read)
  const config: Config = {
    dataDir,
    database: databaseUrl ?? join(dataDir, 'mission-control.db'),
    http: {
      host,
      port: read.integer('MC_PORT', 4700, 0, 65_535),
      publicUrl,
      passwordHash,
      // Who names a public address has a proxy in front, mostly on this machine.
      trustProxy: read.proxies('MC_TRUST_PROXY', publicUrl ? 'loopback' : false),
    },
    tasksFile: path('MC_TASKS_FILE', 'ops/tasks.yaml'),
    triageFile: path('MC_TRIAGE_FILE', 'ops/triage.yaml'),
    luci: {
      tmuxSocket: read.text('MC_TMUX_SOCKET'),
      profile: read.profile('MC_LUCI_PROFILE'),
      command: read.argv('MC_LUCI_COMMAND'),
      prompt: read.pattern('MC_LUCI_PROMPT'),
      cwd: lucisFolder,
    },
    workers: readWorkers(read, root, lucisFolder),
    telegram: {
      token: read.botToken('MC_TELEGRAM_TOKEN'),
      chatId: read.text('MC_TELEGRAM_CHAT_ID'),
      allowedUsers: read.numbers('MC_TELEGRAM_ALLOWED_USERS'),
      apiRoot: read.url('MC_TELEGRAM_API_ROOT') ?? 'https://api.telegram.org',
    },
    switches: {
      chat: read.oneOf('MC_CHAT', ['persistent', 'off'], 'persistent'),
      scheduler: read.oneOf('MC_SCHEDULER', ['inbox', 'direct', 'both'], 'inbox'),
      pickup: read.oneOf('MC_PICKUP', ['orchestrate', 'rules', 'off'], 'orchestrate'),
      autonomy: autonomy.main,
    },
    autonomy: { trusted: autonomy.trusted },
    triage: {
      groupWaitMs: read.duration('MC_GROUP_WAIT', 30_000),
      groupIntervalMs: read.duration('MC_GROUP_INTERVAL', 5 * 60_000),
      verdictTimeoutMs: read.duration('MC_VERDICT_TIMEOUT', 5 * 60_000),
      repeatIntervalMs: read.duration('MC_REPEAT_INTERVAL', 4 * 3_600_000),
    },
    alerting: readAlertSettings(read),
    telegramAsks: readTelegramAsks(read),
    keep: readKeep(read),
    weeklyReport: readWeeklyReport(read),
    watch: readWatch(read, problems),
    attachments: readAttachments(read),
    costs: readCosts(read, root),
    logLevel: read.oneOf(
      'MC_LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'info',
    ),
  }
  if (config.telegram.token && !config.telegram.chatId)
    problems.push(
      'MC_TELEGRAM_CHAT_ID: expected the chat to write to, because MC_TELEGRAM_TOKEN is set',
    )
  if (config.luci.profile === 'generic' && !config.luci.command)
    problems.push(
      'MC_LUCI_COMMAND: expected the program of the generic profile (for example "bash"), because MC_LUCI_PROFILE is generic',
    )
  if (problems.length > 0)
    throw new AppError('invalid', `The settings have ${problems.length} problem(s)`, {
      problems,
      hint: 'Settings come from the environment and the .env file beside package.json.',
    })
  return config
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

const reader = (env: Environment, problems: string[]) => {
  const text = (name: string): string | null => env[name]?.trim() || null
  const refuse = (name: string, expected: string): void => {
    // Never the value of a secret; these are no secrets, and seeing the value is half the fix.
    problems.push(`${name}: expected ${expected}, got "${env[name]}"`)
  }
  return {
    text,
    refuse,
    refuseUnseen: (name: string, expected: string): void =>
      void problems.push(`${name}: expected ${expected}`),
    integer: (name: string, fallback: number, min: number, max: number): number => {
      const value = text(name)
      if (value === null) return fallback
      const number = Number(value)
      if (Number.isInteger(number) && number >= min && number <= max) return number
      refuse(name, `a whole number from ${min} to ${max}`)
      return fallback
    },
    /** `30s`, `5m`, `4h`, `1d`, `250ms`, or seconds. */
    duration: (name: string, fallback: number): number => {
      const value = text(name)
      if (value === null) return fallback
      const ms = parseDuration(value)
      if (ms !== null) return ms
      refuse(name, 'a duration such as 30s, 5m or 4h')
      return fallback
    },
    oneOf: <T extends string>(name: string, choices: readonly T[], fallback: NoInfer<T>): T => {
      const value = text(name)
      if (value === null) return fallback
      if ((choices as readonly string[]).includes(value)) return value as T
      refuse(name, `one of ${choices.join(', ')}`)
      return fallback
    },
    url: (name: string): string | null => {
      const value = text(name)
      if (value === null) return null
      if (URL.canParse(value) && /^https?:/.test(value)) return value.replace(/\/+$/, '')
      refuse(name, 'an http:// or https:// URL')
      return null
    },
    argv: (name: string): string[] | null => {
      const value = text(name)
      return value === null ? null : splitCommand(value)
    },
    pattern: (name: string): string | null => {
      const value = text(name)
      if (value === null) return null
      try {
        new RegExp(value)
        return env[name] ?? null
      } catch {
        refuse(name, 'a regular expression')
        return null
      }
    },
    profile: (name: string): ProfileName => {
      const value = text(name) ?? 'house'
      if ((profileNames as readonly string[]).includes(value)) return value as ProfileName
      refuse(name, `one of ${profileNames.join(', ')}`)
      return 'house'
    },
    botToken: (name: string): string | null => {
      const value = text(name)
      if (value === null || /^\d+:[\w-]{30,60}$/.test(value)) return value
      problems.push(
        `${name}: expected a bot token as BotFather gives it, digits:about 35 letters and digits; what came (${value.length} characters) is none`,
      )
      return value
    },
    /** Addresses and ranges of proxies, or names of well-known ranges; `none` trusts nobody. */
    proxies: (name: string, fallback: string | false): string | false => {
      const value = text(name)
      if (value === null) return fallback
      if (value === 'none') return false
      const parts = value.split(',').map((part) => part.trim())
      if (parts.every(isRange)) return parts.join(',')
      refuse(name, 'none, loopback, or addresses and ranges (10.0.0.0/8) with commas between')
      return fallback
    },
    numbers: (name: string): number[] => {
      const value = text(name)
      if (value === null) return []
      const numbers = value.split(',').map((part) => Number(part.trim()))
      if (numbers.every((number) => Number.isSafeInteger(number))) return numbers
      refuse(name, 'numeric user ids with commas between')
      return []
    },
  }
}

const isRange = (part: string): boolean => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(part)) return true
  const [address = '', bits] = part.split('/')
  const family = isIP(address)
  if (family === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** Milliseconds of `250ms`, `30s`, `5m`, `4h`, `1d` or plain seconds; null when it is none of them. */
export const parseDuration = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim())
  if (!match) return null
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's'] ?? 1_000
  return Math.round(Number(match[1]) * unit)
}

/** Execa is 20 MB and an eighth of a second of start-up: only who sets a command pays for it. */
const splitCommand = (text: string): string[] => {
  const { parseCommandString } = createRequire(import.meta.url)('execa') as typeof import('execa')
  return parseCommandString(text)
}
