import type { Clock } from '@mc/core/clock.ts'
import { isLate } from '@mc/core/digest/late.ts'
import { AppError } from '@mc/core/errors.ts'
import { inFlightTurnStates, type Turn, type TurnOrigin } from '@mc/core/turns/turn.ts'
import type { Right } from './caller.ts'

/** Turns that a person began; a digest carries the text of programs, a pane turn nobody vouches for. */
const personOrigins: readonly TurnOrigin[] = ['user', 'telegram', 'api']

/**
 * Why Luci's credential may not use a mutating route, or null when she may. `named` is what she
 * gave as her turn, `turn` what was found of it.
 */
export const refuseAgent = (
  right: Right,
  named: string | undefined,
  turn: Turn | null,
  clock: Clock,
): AppError | null => {
  if (right === 'person') return new AppError('forbidden', 'Only a person may do this')
  if (!named)
    return new AppError('forbidden', 'Expected the turn you are answering, got none', {
      hint: 'Name it: mc --turn <id>, "turn" in a tool call, or the header mc-turn.',
    })
  if (!turn) return new AppError('forbidden', `There is no turn ${named}`)
  if (right === 'verdict' && isLate(turn, clock)) return null
  if (!inFlightTurnStates.includes(turn.state))
    return new AppError('forbidden', `Turn ${turn.id} is ${turn.state}, so its rights are gone`, {
      hint: 'A turn gives rights only while it is being answered.',
    })
  if (personOrigins.includes(turn.origin)) return null
  if ((right === 'digest' || right === 'verdict') && turn.origin === 'digest') return null
  return new AppError('forbidden', `A turn of origin ${turn.origin} does not give this right`, {
    hint: 'Propose it to the person instead.',
  })
}
