/** A loop's doorbell: rings while nobody waits are kept as one. */
export const createWake = () => {
  let rung = false
  let open: (() => void) | null = null
  return {
    ring: () => {
      rung = true
      open?.()
    },
    /** Resolves at the next ring, or after `timeoutMs` (Infinity: only by a ring). */
    wait: async (timeoutMs: number): Promise<void> => {
      if (!rung) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          open = resolve
          if (timeoutMs !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, timeoutMs)
        })
        clearTimeout(timer)
        open = null
      }
      rung = false
    },
  }
}
export type Wake = ReturnType<typeof createWake>
