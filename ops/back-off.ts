const FIRST_MS = 500
const LONGEST_MS = 30_000
/** Who lived this long has recovered: the next crash is a first one again. */
export const HEALTHY_AFTER_MS = 60_000

/** How long to wait before starting a child again, and how many crashes in a row that makes. */
export const backOff = (
  crashesBefore: number,
  livedMs: number,
): { waitMs: number; crashes: number } => {
  const crashes = livedMs >= HEALTHY_AFTER_MS ? 1 : crashesBefore + 1
  return { waitMs: Math.min(FIRST_MS * 2 ** (crashes - 1), LONGEST_MS), crashes }
}
