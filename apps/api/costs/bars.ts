const WIDTH = 300
const HEIGHT = 56
/** Of a day on which anything was used. */
const LOWEST = 2

export type Bar = { label: string; value: number }

/**
 * Days as bars, the oldest at the left: an SVG that says in words what it shows. Empty when there
 * is nothing to draw.
 */
export const bars = (
  days: readonly Bar[],
  { name, words }: { name: string; words: (value: number) => string },
): string => {
  const highest = days.reduce<Bar | null>(
    (most, day) => (day.value > (most?.value ?? 0) ? day : most),
    null,
  )
  if (!highest) return ''
  const step = WIDTH / days.length
  const drawn = days
    .map(({ value }, n) => {
      if (value <= 0) return ''
      const height = Math.max(LOWEST, Math.round((value / highest.value) * HEIGHT))
      return `<rect x="${(n * step + 1).toFixed(1)}" y="${HEIGHT - height}" width="${(step - 2).toFixed(1)}" height="${height}" rx="1"/>`
    })
    .join('')
  const sum = days.reduce((all, { value }) => all + value, 0)
  const label = `${name} of the last ${days.length} days: ${words(sum)} in all, at most ${words(highest.value)} on ${highest.label}`
  return `<svg class="day-bars" viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" preserveAspectRatio="none" role="img" aria-label="${label}"><path d="M0 ${HEIGHT + 0.5}h${WIDTH}"/>${drawn}</svg>`
}
