import fc from 'fast-check'

/**
 * Properties are tried with the same values at every run: a red one is a change's doing, never
 * luck. `FC_SEED=$RANDOM pnpm test …` looks for more.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_122) })

export default fc
