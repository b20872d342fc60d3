import type { SignInLink } from '@mc/core/client/status.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

export const signInCommand = (): Command =>
  new Command('sign-in')
    .description('a link that signs a browser in, once, within 10 minutes')
    .action(
      atDesk(async (desk) => {
        const link = await desk.client.post<SignInLink>('/api/v1/sign_in_links')
        desk.show(link, () => link.url)
      }),
    )
