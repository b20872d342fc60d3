import { AppError } from '@mc/core/errors.ts'
import { type TSchema, Type } from 'typebox'

/** `?cursor=` is where the page before ended, as its `next` said; `?limit=` 1–200. */
export const Paging = {
  cursor: Type.Optional(
    Type.String({ maxLength: 40, description: 'Where to go on: "next" of the page before' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'So many at most' }),
  ),
}

export const LIMIT = 50

export const Page = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'What "cursor" is for the next page; null after the last',
      examples: [null],
    }),
  })

/** The whole number in a cursor; undefined without one. */
export const readCursor = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined
  const number = Number(cursor)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new AppError('invalid', `Expected a cursor as "next" gave it, got "${cursor}"`)
  return number
}

/** One page of rows asked for with `limit + 1`: the extra one only proves that there is more. */
export const toPage = <T>(
  rows: T[],
  limit: number,
  cursorOf: (row: T) => string | number,
): { items: T[]; next: string | null } => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? String(cursorOf(last)) : null }
}
