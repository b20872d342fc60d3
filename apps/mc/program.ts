import { Command } from 'commander'
import { actCommands } from './act.ts'
import { alertCommands } from './alert.ts'
import { askCommand } from './ask.ts'
import { atBootCommand } from './at-boot.ts'
import { autonomyCommands } from './autonomy.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { costsCommands } from './costs.ts'
import { doctorCommand } from './doctor.ts'
import { exitCodeHelp } from './exit-code.ts'
import { exportCommand } from './export.ts'
import { inboxCommands } from './inbox.ts'
import { luciCommands } from './luci.ts'
import { notifyCommand } from './notify.ts'
import { passwordHashCommand } from './password-hash.ts'
import { pauseCommand, resumeCommand } from './pause.ts'
import { proposalCommands } from './proposal.ts'
import { proposeCommand } from './propose.ts'
import { questionCommands } from './question.ts'
import { reportCommand } from './report.ts'
import { runCommands } from './run.ts'
import { searchCommand } from './search.ts'
import { sendCommand } from './send.ts'
import { sessionCommands } from './session.ts'
import { settingsCommands } from './settings.ts'
import { signInCommand } from './sign-in.ts'
import { statusCommand } from './status.ts'
import { taskCommands } from './task.ts'
import { ticketCommands } from './ticket.ts'
import { triageCommands } from './triage.ts'
import { turnCommands } from './turn.ts'
import { webhookCommands } from './webhook.ts'

const about = `
Addresses: MC_URL says where Mission Control runs, MC_CREDENTIAL names the file with the token;
by default http://127.0.0.1:4700 and credentials/cli in the data folder.
`

/** The whole command line: one file per noun. */
export const createProgram = (): Command => {
  const program = new Command('mc')
    .description('Mission Control from the command line')
    .option('--json', 'print the api’s JSON')
    .option('--turn <id>', 'the turn in whose right this is done (agents)')
    .addHelpText('after', about + exitCodeHelp)
  for (const command of [
    statusCommand(),
    sendCommand(),
    turnCommands(),
    ticketCommands(),
    proposeCommand(),
    proposalCommands(),
    searchCommand(),
    inboxCommands(),
    taskCommands(),
    triageCommands(),
    runCommands(),
    alertCommands(),
    notifyCommand(),
    askCommand(),
    questionCommands(),
    webhookCommands(),
    reportCommand(),
    costsCommands(),
    luciCommands(),
    actCommands(),
    autonomyCommands(),
    pauseCommand(),
    resumeCommand(),
    settingsCommands(),
    signInCommand(),
    sessionCommands(),
    doctorCommand(),
    backupCommand(),
    restoreCommand(),
    exportCommand(),
    atBootCommand(),
    passwordHashCommand(),
  ])
    program.addCommand(command)
  throwInsteadOfExit(program)
  return program
}

/** So that exit codes are decided in one place. Settings of a parent are not those of its commands. */
const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}
