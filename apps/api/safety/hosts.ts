import { isLoopback } from '@mc/core/config.ts'

/**
 * Whether a Host header names us. A page of somebody else whose name was rebound to 127.0.0.1
 * sends its own name, so anything but loopback and the configured public address is refused.
 */
export const isOurHost = (host: string | undefined, publicUrl: string | null): boolean => {
  if (!host) return false
  if (publicUrl && host.toLowerCase() === new URL(publicUrl).host) return true
  const match = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)
  const name = match?.[1]?.toLowerCase().replace(/^\[|\]$/g, '')
  return name !== undefined && isLoopback(name)
}

/**
 * Whether a mutation was sent by a page of ours: its Origin must be the very host (and port) that
 * it is sent to. No Origin is no proof, and other programs of this machine have other ports.
 * At the public address only its own scheme is ours: its http page may be anybody's on the way.
 */
export const isOurOrigin = (
  origin: string | undefined,
  host: string | undefined,
  publicUrl: string | null,
): boolean => {
  if (!origin || !host || !URL.canParse(origin)) return false
  const ours = publicUrl ? new URL(publicUrl) : null
  if (ours && origin === ours.origin) return true
  if (ours && host.toLowerCase() === ours.host) return false
  return origin.toLowerCase() === `http://${host.toLowerCase()}`
}
