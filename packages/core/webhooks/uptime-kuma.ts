import { Type } from 'typebox'
import { expecting, MaybeText, nothing, type Reading } from './event.ts'

const Maybe = Type.Union([Type.Number(), Type.String(), Type.Null()])

/** Its webhook notification with the body "Preset - application/json". */
const Payload = Type.Object({
  msg: Type.String(),
  monitor: Type.Optional(
    Type.Union([
      Type.Object({
        id: Type.Union([Type.Number(), Type.String()]),
        name: Type.String(),
        url: MaybeText,
        hostname: MaybeText,
        type: MaybeText,
      }),
      Type.Null(),
    ]),
  ),
  heartbeat: Type.Optional(
    Type.Union([
      Type.Object({
        status: Type.Number(),
        msg: MaybeText,
        time: MaybeText,
        ping: Type.Optional(Maybe),
      }),
      Type.Null(),
    ]),
  ),
})

const DOWN = 0
const UP = 1

/** A monitor that went down or up, or a message of its own: a certificate that ends, a test. */
export const readUptimeKuma = (payload: unknown): Reading => {
  const { msg, monitor, heartbeat } = expecting(
    Payload,
    payload,
    'an Uptime Kuma notification with "msg", "monitor" and "heartbeat" (body: Preset - application/json)',
  )
  if (!monitor || !heartbeat)
    return {
      events: [
        {
          subject: null,
          occurrence: null,
          state: 'note',
          kind: 'note',
          priority: 'normal',
          about: monitor?.name ?? 'message',
          title: msg.split('\n')[0] ?? '',
          text: msg,
        },
      ],
      ignored: null,
    }
  if (heartbeat.status !== DOWN && heartbeat.status !== UP)
    return nothing('The monitor is pending or in maintenance')
  const down = heartbeat.status === DOWN
  return {
    events: [
      {
        subject: `monitor ${monitor.id}`,
        occurrence: null,
        state: down ? 'bad' : 'good',
        kind: down ? 'failed' : 'ok',
        priority: 'normal',
        about: monitor.name,
        title: `${monitor.name} is ${down ? 'down' : 'up again'}`,
        text: heartbeat.msg || msg,
        // Kuma fills in "https://" for monitors without an address.
        url: monitor.url && monitor.url !== 'https://' ? monitor.url : undefined,
        since: heartbeat.time ?? undefined,
        ...(monitor.type ? { facts: { type: monitor.type } } : {}),
      },
    ],
    ignored: null,
  }
}
