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
export const ensureTmux = (
  say: (text: string) => void,
  { path = process.env.PATH ?? '', isRoot = process.getuid?.() === 0 } = {},
): boolean => {
  const isThere = (program: string) => findOnPath(program, path) !== null
  if (isThere('tmux')) return true
  if (isRoot && isThere('apt-get')) {
    say('tmux is missing; installing it with apt-get …')
    if (aptInstall('tmux', path) && isThere('tmux')) return true
    say('apt-get could not install tmux; what it said stands above.')
  }
  say(
    `tmux is missing: install it with "${installCommand(isRoot, isThere)}". Without it all but Luci works.`,
  )
  return false
}

/** The full path of a program on PATH; null when it is not there. */
const findOnPath = (program: string, path: string): string | null => {
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

const aptInstall = (name: string, path: string): boolean => {
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, {
      env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' },
      // Its progress is no news; its errors are.
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0
  const install = () => apt('install', '-y', '-q', '--no-install-recommends', name)
  // A fresh image has no package lists, so that the first try may find nothing.
  return install() || (apt('update', '-q') && install())
}

const installCommand = (isRoot: boolean, isThere: (program: string) => boolean): string => {
  const manager = Object.keys(packageManagers).find(isThere) ?? 'apt-get'
  const sudo = isRoot || manager === 'brew' ? '' : 'sudo '
  return sudo + packageManagers[manager]
}
