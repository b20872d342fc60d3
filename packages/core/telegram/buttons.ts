import { randomBytes } from 'node:crypto'
import type { Database } from '@mc/db/database.ts'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Alert } from '../alerts/alert.ts'
import type { Button } from '../alerts/channel.ts'
import { type Clock, isoTime } from '../clock.ts'

const Ids = Type.Array(Type.Integer({ minimum: 1 }))

export const snoozes = ['1h', '4h', 'tomorrow'] as const
export type Snooze = (typeof snoozes)[number]

/** What a button does. A press carries only a token; this stays with us. */
export const ButtonAction = Type.Union([
  Type.Object({ do: Type.Literal('acknowledge'), alerts: Ids }),
  Type.Object({ do: Type.Literal('snooze'), alerts: Ids, for: Type.Enum(snoozes) }),
  Type.Object({ do: Type.Literal('ticket'), alerts: Ids }),
  Type.Object({ do: Type.Literal('show'), alerts: Ids }),
  Type.Object({
    do: Type.Literal('answer'),
    turn: Type.Union([Type.String(), Type.Null()]),
    prompt: Type.String(),
    choice: Type.String(),
    label: Type.String(),
  }),
  Type.Object({ do: Type.Literal('mute'), for: Type.String() }),
  Type.Object({ do: Type.Literal('choose'), question: Type.Integer(), option: Type.String() }),
])
export type ButtonAction = Static<typeof ButtonAction>

export type NewButton = { label: string; action: ButtonAction }

/** A press of a token: `used` was done before, `foreign` is another chat's or never ours. */
export type Pressed =
  | { status: 'open'; action: ButtonAction }
  | { status: 'used'; outcome: string }
  | { status: 'expired' | 'foreign' }

/** Buttons work so long: what is older is looked at on the page. */
export const BUTTON_LIVES_MS = 48 * 3_600_000
/** After this its token is forgotten. */
const KEPT_MS = 7 * 86_400_000
/** Tells a button of ours from another program's. */
const MARK = 'mc:'
/** Under a message that was acted on: says what was done, and does nothing. */
export const INERT = 'mc:done'
/** Rows of single alerts under a list. */
const ROWS_MAX = 8
/** No row has so many. */
const ROW = 100
const LABEL_CHARS_MAX = 60

const snoozeLabels: Record<Snooze, string> = {
  '1h': 'Snooze 1 h',
  '4h': '4 h',
  tomorrow: 'Tomorrow',
}

/**
 * The buttons under messages to one chat. Each is a random token of a row here: it works once, for
 * BUTTON_LIVES_MS, and only in its chat.
 */
export const createButtons = (db: Database, clock: Clock, chatId: string) => {
  const offer = async (rows: readonly (readonly NewButton[])[]): Promise<Button[][]> => {
    const keyboard = randomBytes(9).toString('base64url')
    const expiresAt = isoTime(new Date(clock.now().getTime() + BUTTON_LIVES_MS))
    const made = rows
      .filter((row) => row.length > 0)
      .map((row) =>
        row.map((button) => ({ ...button, token: randomBytes(15).toString('base64url') })),
      )
    if (made.length === 0) return []
    await db.kysely
      .insertInto('telegram_buttons')
      .values(
        made.flatMap((row, down) =>
          row.map(({ token, label, action }, across) => ({
            token,
            chat_id: chatId,
            keyboard,
            place: down * ROW + across,
            label: cut(label),
            about: aboutOf(action),
            action: JSON.stringify(action),
            expires_at: expiresAt,
          })),
        ),
      )
      .execute()
    return made.map((row) =>
      row.map(({ label, token }) => ({ label: cut(label), data: `${MARK}${token}` })),
    )
  }

  return {
    offer,

    /** Under an alert, or under several that are told as one. None under what is over. */
    forAlerts: (alerts: readonly Alert[]): Promise<Button[][]> => {
      const open = alerts.filter(({ kind, state }) => kind !== 'recovered' && state !== 'resolved')
      return offer(open.length === 1 ? underOne(open) : underMany(open))
    },

    /** What pressing `data` means here. */
    async read(data: string): Promise<Pressed> {
      const row = await db.kysely
        .selectFrom('telegram_buttons')
        .selectAll()
        .where('token', '=', data.slice(MARK.length))
        .where('chat_id', '=', chatId)
        .executeTakeFirst()
      if (!row || !data.startsWith(MARK)) return { status: 'foreign' }
      if (row.used_at) return { status: 'used', outcome: row.outcome ?? 'It was done before' }
      if (row.expires_at <= isoTime(clock.now())) return { status: 'expired' }
      const action: unknown = JSON.parse(row.action)
      // Written by another version of ours.
      if (!Value.Check(ButtonAction, action)) return { status: 'expired' }
      return { status: 'open', action }
    },

    /**
     * It was pressed. `all`: and with it every button under the message that is about the same.
     * Returns what stands there from now on.
     */
    async use(data: string, outcome: string, { all }: { all: boolean }): Promise<Button[][]> {
      const token = data.slice(MARK.length)
      const pressed = await db.kysely
        .selectFrom('telegram_buttons')
        .select(['keyboard', 'about'])
        .where('token', '=', token)
        .executeTakeFirst()
      if (!pressed) return []
      let update = db.kysely
        .updateTable('telegram_buttons')
        .set({ used_at: isoTime(clock.now()), outcome })
        .where('keyboard', '=', pressed.keyboard)
        .where('used_at', 'is', null)
      update = all ? update.where('about', '=', pressed.about) : update.where('token', '=', token)
      await update.execute()
      const rows = await db.kysely
        .selectFrom('telegram_buttons')
        .select(['token', 'label', 'place', 'about', 'used_at', 'outcome'])
        .where('keyboard', '=', pressed.keyboard)
        .orderBy('place')
        .execute()
      return standing(rows)
    },
  }
}

/** Those that stopped working a week ago. Returns how many went. */
export const forgetButtons = async (db: Database, clock: Clock): Promise<number> => {
  const before = isoTime(new Date(clock.now().getTime() - KEPT_MS))
  const gone = await db.kysely
    .deleteFrom('telegram_buttons')
    .where('expires_at', '<', before)
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}

export type Buttons = ReturnType<typeof createButtons>

/** A row for each of a list, as far as there is room. */
export const rowsFor = (alerts: readonly Alert[]): NewButton[][] =>
  alerts.slice(0, ROWS_MAX).map(({ id }) => [
    { label: `✓ #${id}`, action: { do: 'acknowledge', alerts: [id] } },
    { label: `Show #${id}`, action: { do: 'show', alerts: [id] } },
  ])

type Standing = {
  token: string
  label: string
  place: number
  about: string
  used_at: string | null
  outcome: string | null
}

/** What is done stands as one line where it was first offered; the rest stays. */
const standing = (buttons: readonly Standing[]): Button[][] => {
  const rows = new Map<number, Button[]>()
  const told = new Set<string>()
  for (const button of buttons) {
    const row = Math.floor(button.place / ROW)
    const others = buttons.filter(({ about }) => about === button.about)
    const isDone = others.every(({ used_at }) => used_at !== null)
    if (button.used_at !== null && (!isDone || told.has(button.about))) continue
    told.add(button.about)
    const shown = isDone
      ? { label: cut(others.at(-1)?.outcome ?? button.label), data: INERT }
      : { label: button.label, data: `${MARK}${button.token}` }
    rows.set(row, [...(rows.get(row) ?? []), shown])
  }
  return [...rows.values()]
}

const aboutOf = (action: ButtonAction): string => {
  if ('alerts' in action) return `alerts:${action.alerts.join(',')}`
  if (action.do === 'choose') return `question:${action.question}`
  return action.do === 'answer' ? `ask:${action.prompt}` : action.do
}

const underOne = ([alert]: readonly Alert[]): NewButton[][] => {
  if (!alert) return []
  const alerts = [alert.id]
  return [
    [
      { label: '✓ Acknowledge', action: { do: 'acknowledge', alerts } },
      // It has one already: Show leads there.
      ...(alert.ticketId === null
        ? [{ label: 'Ticket', action: { do: 'ticket' as const, alerts } }]
        : []),
      { label: 'Show', action: { do: 'show', alerts } },
    ],
    snoozeRow(alerts),
  ]
}

const underMany = (open: readonly Alert[]): NewButton[][] => {
  if (open.length === 0) return []
  const alerts = open.map(({ id }) => id)
  return [
    [
      { label: `✓ Acknowledge all ${alerts.length}`, action: { do: 'acknowledge', alerts } },
      { label: 'Show', action: { do: 'show', alerts } },
    ],
    snoozeRow(alerts),
  ]
}

const snoozeRow = (alerts: number[]): NewButton[] =>
  snoozes.map((length) => ({
    label: snoozeLabels[length],
    action: { do: 'snooze', alerts, for: length },
  }))

const cut = (label: string): string => {
  const chars = [...label.replace(/\s+/g, ' ').trim()]
  return chars.length <= LABEL_CHARS_MAX
    ? chars.join('')
    : `${chars.slice(0, LABEL_CHARS_MAX - 1).join('')}…`
}

/**
 * What the sender needs to put buttons under alerts: nothing where nobody may press them.
 */
export const buttonsFor = (
  db: Database,
  clock: Clock,
  { chatId, allowedUsers }: { chatId: string | null; allowedUsers: readonly number[] },
): { buttonsFor?: (alerts: readonly Alert[]) => Promise<Button[][]> } =>
  chatId && allowedUsers.length > 0
    ? { buttonsFor: createButtons(db, clock, chatId).forAlerts }
    : {}
