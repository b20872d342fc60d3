import { AppError } from '../../../errors.ts'
import type { Profile } from '../profile.ts'

export const geminiProfile = (): Profile => {
  throw new AppError('unavailable', 'Driving Gemini CLI comes with the next commit')
}
