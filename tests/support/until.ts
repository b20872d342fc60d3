import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until `condition` gives something truthy and returns it. Looks often; after `deadlineMs`
 * it throws with `what`, so that a test fails with a reason and never by a sleep too short.
 */
export const until = async <T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<NonNullable<T>> => {
  const end = performance.now() + deadlineMs
  let last: unknown
  do {
    last = await condition()
    if (last) return last as NonNullable<T>
    await delay(10)
  } while (performance.now() < end)
  throw new Error(
    `Waited ${deadlineMs} ms for: ${what}; the last look gave ${JSON.stringify(last)}`,
  )
}
