import type { YAMLError } from 'yaml'

type Found = { offset: number; message: string }

/** A calendar that begins with a star and is not in quotes: on a line of its own, or between commas. */
const bareCrons = [
  /^[ \t]*(?:-[ \t]+)?cron:[ \t]+(\*(?:\/\d+)?(?:[ \t]+[^\s#]+){4,5})(?=[ \t]*$|[ \t]+#)/gm,
  /[{,][ \t]*cron:[ \t]+(\*(?:\/\d+)?(?:[ \t]+[^\s#,}]+){4,5})(?=[ \t]*[,}])/g,
]

/**
 * What keeps a text from being YAML, in words. A calendar without quotes, the slip that people make
 * first, is told as such and not as the aliases that YAML takes its stars for. Never what stands
 * in a value.
 */
export const yamlMistakes = (text: string, errors: readonly YAMLError[]): Found[] => {
  if (errors.length === 0) return []
  const bare = bareCrons
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => {
      const cron = match[1] ?? ''
      const offset = match.index + match[0].length - cron.length
      return { offset, end: offset + cron.length, cron }
    })
  const hit = (one: (typeof bare)[number]) =>
    errors.some(({ pos }) => pos[0] >= one.offset && pos[0] <= one.end)
  const told = bare.filter(hit)
  return [
    ...told.map(({ offset, cron }) => ({
      offset,
      message: `expected the cron expression in quotes, because "*" has a meaning of its own in YAML; put it in quotes: "${cron}"`,
    })),
    ...errors
      .filter(({ pos }) => !told.some(({ offset, end }) => pos[0] >= offset && pos[0] <= end))
      .map(({ pos, message }) => ({ offset: pos[0], message: withoutValue(message) })),
  ]
}

/** The library shows the piece of text that it stumbled over after a colon. */
const withoutValue = (message: string): string =>
  message.replace(
    /^(Block scalar header includes extra characters|Unexpected [^:]*|Unresolved [^:]*):[\s\S]*$/,
    '$1',
  )
