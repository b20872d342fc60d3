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
        made.flat().map(({ token, action }) => ({
          token,
          chat_id: chatId,
          keyboard,
          action: JSON.stringify(action),
          expires_at: expiresAt,
        })),
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

    /** One row for each of a list, as far as there is room. */
    forEach: (alerts: readonly Alert[]): Promise<Button[][]> =>
      offer(
        alerts.slice(0, ROWS_MAX).map((alert) => {
          const ids = { alerts: [alert.id] }
          return [
            { label: `✓ #${alert.id}`, action: { do: 'acknowledge', ...ids } },
            { label: `Show #${alert.id}`, action: { do: 'show', ...ids } },
          ]
        }),
      ),

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

    /** It was pressed. `whole`: so are all the others under its message. */
    async use(data: string, outcome: string, { whole }: { whole: boolean }): Promise<void> {
      const token = data.slice(MARK.length)
      let update = db.kysely
        .updateTable('telegram_buttons')
        .set({ used_at: isoTime(clock.now()), outcome })
        .where('used_at', 'is', null)
      update = whole
        ? update.where('keyboard', '=', (eb) =>
            eb.selectFrom('telegram_buttons').select('keyboard').where('token', '=', token),
          )
        : update.where('token', '=', token)
      await update.execute()
    },

    async forget(): Promise<void> {
      const before = isoTime(new Date(clock.now().getTime() - KEPT_MS))
      await db.kysely.deleteFrom('telegram_buttons').where('expires_at', '<', before).execute()
    },
  }
}

export type Buttons = ReturnType<typeof createButtons>

/** What stands under a message once it was acted on. */
export const doneButton = (outcome: string): Button[][] => [[{ label: cut(outcome), data: INERT }]]

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
