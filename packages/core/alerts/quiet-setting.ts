import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Settings } from '../settings/settings.ts'
import type { QuietHours } from './quiet-hours.ts'

/** As they stand now, and who says so. `hours` null: there are none. */
export type QuietSetting = { hours: QuietHours | null; from: 'environment' | 'person' }

const NAME = 'alerts.quiet'
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
const Stored = Type.Object({
  hours: Type.Union([
    Type.Null(),
    Type.Object({
      from: Time,
      to: Time,
      zone: Type.String(),
      days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 })),
    }),
  ]),
})

/** What a person stored wins, also "none"; else what the environment says. */
export const readQuietSetting = async (
  settings: Settings,
  first: QuietHours | null,
): Promise<QuietSetting> => {
  const stored = await settings.get<unknown>(NAME)
  return stored && Value.Check(Stored, stored.value)
    ? { hours: stored.value.hours, from: 'person' }
    : { hours: first, from: 'environment' }
}

export const setQuietHours = (
  settings: Settings,
  hours: QuietHours | null,
  by: string,
): Promise<void> => settings.set(NAME, { hours }, by)

/** Back to what the environment says. */
export const unsetQuietHours = (settings: Settings): Promise<boolean> => settings.unset(NAME)
