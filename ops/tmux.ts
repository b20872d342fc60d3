import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where tmux comes from, by the package manager that is there. */
const packageManagers: Record<string, string> = {
  'apt-get': 'apt-get install -y tmux',
  dnf: 'dnf install -y tmux',
  apk: 'apk add tmux',
  pacman: 'pacman -S --noconfirm tmux',
  zypper: 'zypper install -y tmux',
  brew: 'brew install tmux',
}

/**
 * Makes sure that tmux is there. As root with apt-get it is installed; elsewhere the one command
 * is said. Returns whether there is a tmux now.
 */
export const ensureTmux = (say: (text: string) => void): boolean => {
  if (isOnPath('tmux')) return true
  const isRoot = process.getuid?.() === 0
  if (isRoot && isOnPath('apt-get')) {
    say('tmux is missing; installing it with apt-get …')
    if (aptInstall('tmux')) return true
    say('apt-get could not install tmux; what it said stands above.')
  }
  say(
    `tmux is missing: install it with "${installCommand(isRoot)}". Without it all but Luci works.`,
  )
  return false
}

/** The full path of a program on PATH; null when it is not there. */
export const findOnPath = (
  program: string,
  path: string = process.env.PATH ?? '',
): string | null => {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, program)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error
    }
  }
  return null
}

const isOnPath = (program: string): boolean => findOnPath(program) !== null

const aptInstall = (name: string): boolean => {
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      // Its progress is no news; its errors are.
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0
  const install = () => apt('install', '-y', '-q', '--no-install-recommends', name)
  // A fresh image has no package lists, so that the first try may find nothing.
  return (install() || (apt('update', '-q') && install())) && isOnPath(name)
}

const installCommand = (isRoot: boolean): string => {
  const manager = Object.keys(packageManagers).find(isOnPath) ?? 'apt-get'
  const sudo = isRoot || manager === 'brew' ? '' : 'sudo '
  return sudo + packageManagers[manager]
}
