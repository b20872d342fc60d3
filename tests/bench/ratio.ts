/** Rounds a side gets; the sides take turns, so that a machine whose speed drifts drifts for both. */
const ROUNDS = 9

export type Side = () => Promise<number> | number

export type Ratio = {
  name: string
  /** Median of ours / baseline in operations a second, pair by pair: above 1 is faster. */
  ratio: number
  low: number
  high: number
  oursPerSecond: number
  baselinePerSecond: number
}

/** Runs both sides in turn; each returns how many operations it did. One warm-up round is not counted. */
export const compare = async (name: string, ours: Side, baseline: Side): Promise<Ratio> => {
  const speed = async (side: Side) => {
    const start = performance.now()
    const operations = await side()
    return (operations / (performance.now() - start)) * 1_000
  }
  await speed(ours)
  await speed(baseline)
  const pairs: { ours: number; baseline: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    // Who goes first alternates: the second sometimes finds the disk's cache warm.
    if (round % 2 === 0) pairs.push({ ours: await speed(ours), baseline: await speed(baseline) })
    else {
      const base = await speed(baseline)
      pairs.push({ ours: await speed(ours), baseline: base })
    }
  }
  const ratios = pairs.map((pair) => pair.ours / pair.baseline)
  return {
    name,
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    oursPerSecond: median(pairs.map((pair) => pair.ours)),
    baselinePerSecond: median(pairs.map((pair) => pair.baseline)),
  }
}

export const median = (values: number[]): number => percentile(values, 0.5)

/** The value below which `share` (0–1) of the values lie; nearest rank. */
export const percentile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[
    Math.min(values.length - 1, Math.max(0, Math.ceil(values.length * share) - 1))
  ] ?? Number.NaN

export const printRatio = ({ name, ratio, low, high, oursPerSecond, baselinePerSecond }: Ratio) =>
  console.log(
    `${name.padEnd(58)} ${ratio.toFixed(2).padStart(6)}  (${low.toFixed(2)}–${high.toFixed(2)})  ` +
      `${Math.round(oursPerSecond)} : ${Math.round(baselinePerSecond)} /s`,
  )
