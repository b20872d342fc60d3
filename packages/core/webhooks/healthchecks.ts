import { Type } from 'typebox'
import { expecting, MaybeText, nothing, type Reading } from './event.ts'

/**
 * What the template in docs/webhooks.md sends, or `$JSON` (the whole check). Healthchecks has no
 * fixed payload: its webhook integration fills in a template.
 */
const Payload = Type.Object({
  name: Type.String(),
  status: Type.String(),
  code: MaybeText,
  uuid: MaybeText,
  slug: MaybeText,
  tags: MaybeText,
  now: MaybeText,
  desc: MaybeText,
  body: MaybeText,
  exitstatus: Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Null()])),
})

/** A check that went down or up. It says so once, when it changes. */
export const readHealthchecks = (payload: unknown): Reading => {
  const check = expecting(
    Payload,
    payload,
    'a Healthchecks notification with "name" and "status" (see the template in docs/webhooks.md)',
  )
  if (check.status !== 'up' && check.status !== 'down')
    return nothing(`The check is ${check.status.slice(0, 40)}, neither up nor down`)
  const down = check.status === 'down'
  const name = check.name || check.slug || 'unnamed check'
  const exit = Number(check.exitstatus ?? -1)
  return {
    events: [
      {
        subject: check.code || check.uuid || check.slug || name,
        occurrence: null,
        state: down ? 'bad' : 'good',
        kind: down ? 'failed' : 'ok',
        priority: 'normal',
        about: name,
        title: down ? `${name} is down` : `${name} is up again`,
        text: [check.desc, exit > 0 ? `Exit status ${exit}` : '', check.body]
          .filter(Boolean)
          .join('\n'),
        since: check.now ?? undefined,
        ...(check.tags ? { facts: { tags: check.tags } } : {}),
      },
    ],
    ignored: null,
  }
}
