import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Settings } from '@mc/core/settings/settings.ts'
import { type SwitchName, switchChoices } from '@mc/core/settings/switches.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { Page } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { switchNotice } from './present.ts'
import { type SwitchView, viewSwitch, viewSwitches } from './switches.ts'

const SwitchShape = Type.Object({
  name: Type.String(),
  value: Type.String(),
  from: Type.Enum(['environment', 'person']),
  choices: Type.Array(Type.String()),
})

/** An empty value goes back to what the environment says. */
const SetSwitch = Type.Object(
  { value: Type.Optional(Type.String({ maxLength: 50 })) },
  { additionalProperties: false },
)

const Name = Type.Object({ name: Type.String({ maxLength: 50 }) })

export const settingsRoutes: FastifyPluginAsyncTypebox<{
  settings: Settings
  first: Config['switches']
}> = async (app, { settings, first }) => {
  const set = async (
    name: SwitchName,
    value: string | undefined,
    by: string,
  ): Promise<SwitchView> => {
    if (value === undefined) await settings.unset(`switch.${name}`)
    else {
      const choices: readonly string[] = switchChoices[name]
      if (!choices.includes(value))
        throw new AppError('invalid', `Expected one of ${choices.join(', ')}, got "${value}"`)
      await settings.set(`switch.${name}`, value, by)
    }
    return viewSwitch(settings, first, name)
  }

  app.get('/switches', { schema: { response: { 200: Page(SwitchShape) } } }, async () => ({
    items: await viewSwitches(settings, first),
    next: null,
  }))

  app.get(
    '/switches/:name',
    { schema: { params: Name, response: { 200: SwitchShape } } },
    async (request) => viewSwitch(settings, first, nameOf(request.params.name)),
  )

  const schema = { params: Name, body: SetSwitch, response: { 200: SwitchShape } }

  app.put('/switches/:name', { schema, config: { may: 'person' } }, async (request) =>
    set(nameOf(request.params.name), request.body.value, actorOf(callerOf(request)).actor),
  )

  // A form knows no PUT.
  app.post('/switches/:name', { schema, config: { may: 'person' } }, async (request, reply) => {
    const view = await set(
      nameOf(request.params.name),
      request.body.value,
      actorOf(callerOf(request)).actor,
    )
    return answer(request, reply, {
      body: view,
      notice: switchNotice(view),
    })
  })
}

const nameOf = (name: string): SwitchName => {
  if (Object.hasOwn(switchChoices, name)) return name as SwitchName
  throw new AppError('not_found', `There is no switch "${name}"`, {
    hint: `There are ${Object.keys(switchChoices).join(', ')}.`,
  })
}
