// Keys of one character, without a modifier: not while somebody types, nor over an open dialog,
// nor for who has switched them off (speech input says letters).
const OFF = 'mc.keys-off'
const typing = 'input, textarea, select, [contenteditable]'

export const areOn = () => {
  try {
    return localStorage.getItem(OFF) === null
  } catch {
    return true
  }
}

export const switchKeys = (on) => {
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, '1')
  } catch {
    // Storage is forbidden: then they stay on.
  }
}

/** Calls `act(key, event)` for each such key. */
export const onKey = (act) =>
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return
    if (event.defaultPrevented || event.key.length !== 1 || !areOn()) return
    if (event.target.closest?.(typing) || document.querySelector('dialog[open]')) return
    act(event.key, event)
  })
