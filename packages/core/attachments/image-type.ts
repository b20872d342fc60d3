/**
 * The type of a raster image by its first bytes (WHATWG MIME Sniffing, "image type pattern
 * matching"); null for anything else. SVG is none: it is a document that can run script.
 */
export const imageType = (start: Uint8Array): string | null => {
  const has = (at: number, ...bytes: number[]) =>
    bytes.every((byte, index) => start[at + index] === byte)
  if (has(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (has(0, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (has(0, 0x47, 0x49, 0x46, 0x38) && has(5, 0x61)) return 'image/gif'
  // RIFF ????WEBPVP
  if (has(0, 0x52, 0x49, 0x46, 0x46) && has(8, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50))
    return 'image/webp'
  return null
}

/** So many bytes tell. */
export const TELLING_BYTES = 16

const byExtension: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  json: 'application/json',
  pdf: 'application/pdf',
  svg: 'image/svg+xml',
  html: 'text/html',
  zip: 'application/zip',
  gz: 'application/gzip',
  yaml: 'application/yaml',
  yml: 'application/yaml',
}

/** What a name says of a file that is no image: for people and Luci to read, nothing is served by it. */
export const typeOfName = (name: string): string =>
  byExtension[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
