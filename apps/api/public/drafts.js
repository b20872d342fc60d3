// A draft for each mode of the composer. A text goes along to a mode that has none of its own, so
// that one may write first and choose then.
import { recall, remember } from './stored.js'

export const createDrafts = (key, text) => {
  const keyOf = (mode) => `${key}.${mode}`
  return {
    save: (mode) => remember(keyOf(mode), text.value),
    restore(mode) {
      if (!text.value) text.value = recall(keyOf(mode)) ?? ''
    },
    change(from, to) {
      const theirs = recall(keyOf(to))
      if (theirs && theirs !== text.value) {
        remember(keyOf(from), text.value)
        text.value = theirs
        return
      }
      remember(keyOf(from), '')
      remember(keyOf(to), text.value)
    },
    forget: (mode) => remember(keyOf(mode), ''),
  }
}
