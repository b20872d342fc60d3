import type { Test } from 'tap'

let current: Test | undefined

/** From now on this is the `t` of the file that is being loaded and run. */
export const become = (test: Test): void => {
  current = test
}

/** What `import t from 'tap'` gives in a file of a bundle: the test that is this file. */
export default new Proxy({} as Test, {
  get: (_, name) => {
    const value: unknown = Reflect.get(current ?? {}, name)
    return typeof value === 'function' ? value.bind(current) : value
  },
})
