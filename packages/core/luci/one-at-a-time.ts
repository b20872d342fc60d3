/** Runs what it is given one after the other, in the order of asking. */
export const oneAtATime = () => {
  let last: Promise<void> = Promise.resolve()
  return async <T>(work: () => Promise<T>): Promise<T> => {
    const before = last
    const done = Promise.withResolvers<void>()
    last = done.promise
    await before
    try {
      return await work()
    } finally {
      done.resolve()
    }
  }
}
