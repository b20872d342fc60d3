import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'
import { Command, Option } from 'commander'
import { type BootFacts, crontabLine, launchdAgent } from './boot-lines.ts'
import { readAddress } from './connection.ts'
import { write } from './desk.ts'
import { Exit, REFUSED } from './exit-code.ts'

/** Prints and changes nothing: what starts at boot is for a person to decide. */
export const atBootCommand = (): Command =>
  new Command('at-boot')
    .description(
      'print the line or file that starts Mission Control with this machine; changes nothing',
    )
    .addOption(
      new Option('--for <program>', 'who is to start it')
        .choices(['crontab', 'launchd'])
        .default(process.platform === 'darwin' ? 'launchd' : 'crontab'),
    )
    .action(({ for: program }: { for: string }) => {
      const facts: BootFacts = {
        root: projectRoot,
        dataDir: readAddress().dataDir,
        folders: ['npx', 'tmux', 'git'].map(folderOf),
      }
      write(program === 'launchd' ? launchdAgent(facts) : crontabLine(facts))
    })

/** The folder on PATH with that program. pnpm puts folders of its own in front: none of those. */
const folderOf = (program: string): string => {
  const ours = `${sep}node_modules${sep}`
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, program)
    if (folder === '' || folder.includes(ours) || !isExecutable(file)) continue
    return dirname(file)
  }
  throw new Exit(REFUSED, `There is no ${program} on your PATH, which starting needs.`)
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(realpathSync(file), constants.X_OK)
    return true
  } catch {
    // Not there, or not for us to run.
    return false
  }
}
