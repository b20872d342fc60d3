import { readAlertmanager } from './alertmanager.ts'
import type { Reading } from './event.ts'
import { readGitHub } from './github.ts'
import { readHealthchecks } from './healthchecks.ts'
import { readPlain } from './plain.ts'
import { readUptimeKuma } from './uptime-kuma.ts'

/** The payloads that are understood as they come. */
export const shapeNames = [
  'plain',
  'alertmanager',
  'healthchecks',
  'uptime-kuma',
  'github',
] as const
export type ShapeName = (typeof shapeNames)[number]

/** Reads a payload of one shape. `event` is what its headers name, where a shape needs it. Pure. */
export const readShape = (shape: ShapeName, payload: unknown, event?: string): Reading => {
  switch (shape) {
    case 'alertmanager':
      return readAlertmanager(payload)
    case 'healthchecks':
      return readHealthchecks(payload)
    case 'uptime-kuma':
      return readUptimeKuma(payload)
    case 'github':
      return readGitHub(payload, event)
    case 'plain':
      return readPlain(payload)
  }
}
