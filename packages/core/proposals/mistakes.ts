import { AppError } from '../errors.ts'

/** Throws `invalid` with all that is wrong with a proposal; nothing when nothing is. */
export const refuseMistakes = (problems: readonly string[]): void => {
  const [first] = problems
  if (first === undefined) return
  const hint = 'Nothing was done with it; set this right and send the whole of it again.'
  throw problems.length === 1
    ? new AppError('invalid', first, { hint })
    : new AppError('invalid', `There are ${problems.length} mistakes in it`, { problems, hint })
}
