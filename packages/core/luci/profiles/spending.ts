import type { Usage } from '../../costs/usage.ts'
import type { RecordEvent } from './profile.ts'

/**
 * What the turn in hand has used so far: each call of the model once, under the id its program
 * gives it; told again it replaces itself. The last turn stays open until the next begins: a
 * subagent may end after it. What does not belong to a turn of ours is not counted.
 */
export const createSpending = () => {
  let turn: string | null = null
  const calls = new Map<string, Usage>()
  return {
    begin: (next: string): void => {
      turn = next
      calls.clear()
    },
    /** All calls of the turn, when this one is news. */
    call: (id: string, usage: Usage): RecordEvent[] => {
      if (turn === null || isSame(calls.get(id), usage)) return []
      calls.set(id, usage)
      return [{ type: 'usage', turn, calls: [...calls.values()] }]
    },
  }
}

const isSame = (one: Usage | undefined, other: Usage): boolean =>
  one !== undefined &&
  (Object.keys(other) as (keyof Usage)[]).every((field) => one[field] === other[field])
