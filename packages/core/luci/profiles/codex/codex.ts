import { AppError } from '../../../errors.ts'
import type { Profile } from '../profile.ts'

export const codexProfile = (): Profile => {
  throw new AppError('unavailable', 'Driving Codex comes with the next commit')
}
