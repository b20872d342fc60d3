import { type Attachment, size } from './attachment.ts'

/** How Luci is told of files: one line each after her text, by path. `pathOf`: absolute. */
export const nameToLuci = (
  text: string,
  files: readonly Attachment[],
  pathOf: (file: string) => string,
): string =>
  files.length === 0
    ? text
    : `${text.trimEnd()}\n\n${files.map((one) => lineFor(one, pathOf)).join('\n')}`.trimStart()

const lineFor = (one: Attachment, pathOf: (file: string) => string): string =>
  `Attached: ${pathOf(one.file)} (${one.mediaType}, ${size(one.bytes)})`

/** The person's own text of a turn: without the lines that name these files. */
export const withoutNames = (
  text: string,
  files: readonly Attachment[],
  pathOf: (file: string) => string,
): string => {
  const named = nameToLuci('', files, pathOf)
  return named !== '' && text.endsWith(named) ? text.slice(0, -named.length).trimEnd() : text
}

/** How a ticket names its files: a link for people, the path for a worker. Markdown. */
export const nameInTicket = (
  body: string,
  files: readonly Attachment[],
  pathOf: (file: string) => string,
): string => {
  if (files.length === 0) return body
  const lines = files.map(
    (one) =>
      `- [${one.name.replace(/[\\[\]`*_<>]/g, '\\$&')}](/attachments/${one.id}) (${one.mediaType}, ${size(one.bytes)}): \`${pathOf(one.file)}\``,
  )
  return `${body.trimEnd()}\n\nAttached:\n${lines.join('\n')}`.trimStart()
}
