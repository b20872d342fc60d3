import { AppError } from '../../../errors.ts'
import type { Profile } from '../profile.ts'

export const opencodeProfile = (): Profile => {
  throw new AppError('unavailable', 'Driving OpenCode comes with the next commit')
}
