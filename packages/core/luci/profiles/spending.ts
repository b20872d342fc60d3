import type { Usage } from '../../costs/usage.ts'
import type { RecordEvent } from './profile.ts'

/** A subagent may go on while so many turns more come and go. */
export const TURNS_MAX = 5

/**
 * What the last turns have used so far: each call of the model once, under the id its program
 * gives it; told again it replaces itself. A turn stays open for a while when it has ended: a
 * subagent may end after it. What does not belong to a turn of ours is not counted.
 */
export const createSpending = () => {
  let last: string | null = null
  const turns = new Map<string, Map<string, Usage>>()
  return {
    begin: (turn: string): void => {
      last = turn
      turns.set(turn, new Map())
      const [oldest] = turns.keys()
      if (turns.size > TURNS_MAX && oldest !== undefined) turns.delete(oldest)
    },
    /** All calls of the turn (without a name, of the last), when this one is news. */
    call: (id: string, usage: Usage, turn = last): RecordEvent[] => {
      const calls = turn === null ? undefined : turns.get(turn)
      if (turn === null || !calls || isSame(calls.get(id), usage)) return []
      calls.set(id, usage)
      return [{ type: 'usage', turn, calls: [...calls.values()] }]
    },
  }
}
export type Spending = ReturnType<typeof createSpending>

const isSame = (one: Usage | undefined, other: Usage): boolean =>
  one !== undefined &&
  (Object.keys(other) as (keyof Usage)[]).every((field) => one[field] === other[field])
