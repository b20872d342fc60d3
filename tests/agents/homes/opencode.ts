import { join } from 'node:path'
import { modulesOf, versionOf } from '../programs.ts'
import type { Home, Place } from './home.ts'

const PLUGIN = '@opencode-ai/plugin'

/**
 * OpenCode with a provider of the person's own, and all that it would fetch once and keep. It
 * asks for permission before it runs a command, which it does not by default.
 */
export const opencode: Home = {
  files: ({ modelUrl }: Place) => ({
    '.config/opencode/opencode.json': {
      $schema: 'https://opencode.ai/config.json',
      model: 'loopback/scripted',
      small_model: 'loopback/scripted',
      autoupdate: false,
      share: 'disabled',
      permission: { bash: 'ask', edit: 'ask' },
      provider: {
        loopback: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Loopback',
          options: { baseURL: `${modelUrl}/v1`, apiKey: 'scripted' },
          models: {
            scripted: { name: 'Scripted', limit: { context: 200_000, output: 32_000 } },
          },
        },
      },
    },
    // It installs its plugin package beside its configuration unless `node_modules` is there and
    // the lock file names the package; offline that takes 70 s.
    '.config/opencode/package.json': { dependencies: { [PLUGIN]: versionOf('opencode') } },
    '.config/opencode/package-lock.json': {
      lockfileVersion: 3,
      packages: { '': { dependencies: { [PLUGIN]: versionOf('opencode') } } },
    },
    '.cache/opencode/models.json': {},
  }),
  links: () => fetched(),
  fresh: () => ({}),
}

/** What it would download: its plugin package, and ripgrep. */
const fetched = (): Record<string, string> => {
  const modules = modulesOf('opencode')
  const ripgrep = `@vscode/ripgrep-${process.platform}-${process.arch}/bin/rg`
  return {
    '.config/opencode/node_modules': modules,
    '.cache/opencode/bin/rg': join(modules, ripgrep),
  }
}
