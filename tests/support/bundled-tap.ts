import type { Test } from 'tap'

type Bundle = Pick<Test, 'teardown'>

let current: Test | undefined
let bundle: Bundle | undefined

/** From now on `file` is the `t` of the file that is being loaded and run. */
export const become = (file: Test, root: Bundle): void => {
  current = file
  bundle = root
}

/** What ends with the last file of the bundle; of a file by itself it is the file's own. */
export const longest = (own: Bundle): Bundle => bundle ?? own

/** What `import t from 'tap'` gives in a file of a bundle: the test that is this file. */
export default new Proxy({} as Test, {
  get: (_, name) => {
    const value: unknown = Reflect.get(current ?? {}, name)
    return typeof value === 'function' ? value.bind(current) : value
  },
  set: (_, name, value) => Reflect.set(current ?? {}, name, value),
})
