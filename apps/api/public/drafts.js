// A draft for each mode of the composer. A text goes along to a mode that has none of its own, so
// that one may write first and choose then.
import { recall, remember } from './stored.js'

const rest = (now, said) => (now.startsWith(said) ? now.slice(said.length).trimStart() : now)

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
    /** What was sent is no draft any more; what was typed since is. */
    sent(said, mode, shown) {
      const kept = recall(keyOf(mode)) ?? ''
      // In another mode by now, a text that went along is there; one of that mode's own stays.
      if (mode === shown || !kept) text.value = rest(text.value, said)
      if (mode !== shown) remember(keyOf(mode), rest(kept, said))
      remember(keyOf(shown), text.value)
    },
  }
}
