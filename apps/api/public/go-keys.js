// g, then the letter of a page: data-go="h" on its link in the navigation.
import { onKey } from './single-keys.js'

/** The second key comes soon, or it was none. */
const SOON_MS = 1_500
let pressed = Number.NEGATIVE_INFINITY

onKey((key, event) => {
  if (key === 'g') {
    pressed = event.timeStamp
    return
  }
  const soon = event.timeStamp - pressed < SOON_MS
  pressed = Number.NEGATIVE_INFINITY
  if (soon) document.querySelector(`a[data-go="${CSS.escape(key)}"]`)?.click()
})
