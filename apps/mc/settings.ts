import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'

type Switch = {
  name: string
  value: string
  from: 'environment' | 'person'
  choices: string[]
}

const path = (name: string) => `/api/v1/settings/switches/${encodeURIComponent(name)}`

/** The switches, as the Settings page has them: they take effect at once. */
export const settingsCommands = (): Command =>
  new Command('settings')
    .description('the switches: chat, scheduler, pickup, autonomy')
    .addCommand(
      new Command('list').description('how they stand, and by whose word').action(
        atDesk(async (desk) => {
          const page = await desk.client.get<Page<Switch>>('/api/v1/settings/switches')
          desk.show(page, () =>
            desk.table(
              ['switch', 'value', 'from', 'choices'],
              page.items.map((one) => [one.name, one.value, one.from, one.choices.join(', ')]),
              'There are no switches.',
            ),
          )
        }),
      ),
    )
    .addCommand(
      new Command('set')
        .description('set a switch; it wins over the environment')
        .argument('<name>')
        .argument('<value>')
        .action(
          atDesk(async (desk, name: string, value: string) => {
            const one = await desk.client.put<Switch>(path(name), { value })
            desk.show(one, () => told(one))
          }),
        ),
    )
    .addCommand(
      new Command('unset')
        .description('back to what the environment says')
        .argument('<name>')
        .action(
          atDesk(async (desk, name: string) => {
            const one = await desk.client.put<Switch>(path(name), {})
            desk.show(one, () => told(one))
          }),
        ),
    )

const told = (one: Switch): string =>
  one.from === 'person'
    ? `${one.name} is now ${one.value}`
    : `${one.name} is ${one.value} again, as the environment has it`
