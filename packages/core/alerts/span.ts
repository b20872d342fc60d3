/** How long something lasted, for a person: `45 s`, `12 min`, `3 h` or `2 days`. `since` is ISO time. */
export const spanOf = (since: string, until: Date): string => {
  const seconds = Math.max(0, Math.round((until.getTime() - Date.parse(since)) / 1_000))
  if (!Number.isFinite(seconds)) return 'an unknown time'
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} days`
}
