/** Where things are on this machine, absolute: at boot neither PATH nor a shell's settings are there. */
export type BootFacts = {
  root: string
  dataDir: string
  /** Folders in which `npx`, `tmux` and `git` were found, in that order. */
  folders: readonly string[]
}

/** Where cron and launchd look anyway. */
const SYSTEM = ['/usr/local/bin', '/usr/bin', '/bin']

const pathOf = ({ folders }: BootFacts): string => [...new Set([...folders, ...SYSTEM])].join(':')

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The crontab line that starts Mission Control when the machine does. In a crontab `%` ends the
 * command unless it is escaped (`man 5 crontab`).
 */
export const crontabLine = (facts: BootFacts): string => {
  const command = `mkdir -p ${quote(facts.dataDir)} && cd ${quote(facts.root)} && PATH=${quote(pathOf(facts))} npx -y pnpm@12 start >> ${quote(`${facts.dataDir}/start.log`)} 2>&1`
  return `@reboot ${command.replaceAll('%', '\\%')}`
}

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const LAUNCHD_LABEL = 'local.mission-control'

/** The launch agent of macOS that starts it when its user signs in, and again when it fails. */
export const launchdAgent = (facts: BootFacts): string => {
  const log = xml(`${facts.dataDir}/start.log`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LAUNCHD_LABEL}</string>
  <key>WorkingDirectory</key><string>${xml(facts.root)}</string>
  <key>ProgramArguments</key>
  <array><string>npx</string><string>-y</string><string>pnpm@12</string><string>start</string></array>
  <key>EnvironmentVariables</key>
  <dict><key>PATH</key><string>${xml(pathOf(facts))}</string></dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict><key>SuccessfulExit</key><false/></dict>
  <key>StandardOutPath</key><string>${log}</string>
  <key>StandardErrorPath</key><string>${log}</string>
</dict>
</plist>
`
}
