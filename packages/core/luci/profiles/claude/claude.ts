import { AppError } from '../../../errors.ts'
import type { Profile } from '../profile.ts'

export const claudeProfile = (): Profile => {
  throw new AppError('unavailable', 'Driving Claude Code comes with the next commit')
}
