import { Command } from 'commander'
import { askHidden } from './ask-hidden.ts'
import { write } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { textFrom } from './input.ts'

/** Shorter ones are guessed; the password is for use beyond this machine. */
const LENGTH_MIN = 12

export const passwordHashCommand = (): Command =>
  new Command('password-hash')
    .description('what MC_PASSWORD_HASH takes; asks for the password, or reads it from stdin')
    .action(async () => {
      const password = process.stdin.isTTY
        ? await askHidden('Password: ')
        : await textFrom(['-'], 'a password')
      if (password.length < LENGTH_MIN)
        throw new Exit(
          USAGE,
          `Expected a password of at least ${LENGTH_MIN} characters, got ${password.length}.`,
        )
      // Loading the cryptography would cost every other command a tenth of its start.
      const { hashPassword } = await import('@mc/core/credentials/password.ts')
      write(`MC_PASSWORD_HASH=${await hashPassword(password)}`)
    })
