import { join } from 'node:path'
import type { Config, ProfileName } from '../../config.ts'
import { projectRoot } from '../../environment.ts'
import { AppError } from '../../errors.ts'
import type { Limits } from '../limits.ts'
import { findProgram } from '../program-path.ts'
import { claudeProfile } from './claude/claude.ts'
import { codexProfile } from './codex/codex.ts'
import { geminiProfile } from './gemini/gemini.ts'
import { genericProfile } from './generic.ts'
import { houseProfile } from './house.ts'
import { opencodeProfile } from './opencode/opencode.ts'
import type { Profile } from './profile.ts'

export type ProfileOf = (name: ProfileName) => Profile

/** Agent programs we know by name. They are offered, never started unasked. */
const agents: Record<Exclude<ProfileName, 'house' | 'generic'>, () => Profile> = {
  claude: claudeProfile,
  codex: codexProfile,
  opencode: opencodeProfile,
  gemini: geminiProfile,
}

/**
 * The profile of a name. Throws `invalid` when its settings are missing. `houseProgram` is ours unless a test puts another in its place.
 */
export const profilesOf =
  (config: Config['luci'], houseProgram: readonly string[] = house, within?: Limits): ProfileOf =>
  (name) => {
    if (name === 'house') return houseProfile(houseProgram)
    if (name !== 'generic') return agents[name]()
    if (config.command) return genericProfile(config.command, config.prompt, within)
    throw new AppError('invalid', 'The generic profile has no program', {
      hint: 'Set MC_LUCI_COMMAND, for example to "bash", and restart.',
    })
  }

/** Throws `invalid` when the profile's program is not there to be run. */
export const requireProgram = (
  { name, argv: [program = ''] }: Profile,
  where: { path: string; cwd: string },
): void => {
  if (findProgram(program, where)) return
  const place = program.includes('/') ? 'as a program' : 'on PATH'
  const setting = name === 'generic' ? ' (MC_LUCI_COMMAND)' : ''
  throw new AppError('invalid', `"${program}" was not found ${place}${setting}`, {
    hint: 'Install it, or name another and restart. "npx -y pnpm@12 mc luci switch house" goes back to the house responder.',
  })
}

const house = [process.execPath, join(projectRoot, 'ops', 'house.ts')]

/** Agent programs on the PATH, in the order of our list. */
export const findAgents = (path: string): { profile: ProfileName; command: string }[] =>
  (Object.keys(agents) as (keyof typeof agents)[]).flatMap((profile) => {
    const command = findProgram(profile, { path, cwd: projectRoot })
    return command ? [{ profile, command }] : []
  })
