// After a form's answer the keyboard goes on where it was: at the row that the address names, else
// at the notice, so that screen readers say it.
const notice = document.querySelector('main > .told > .notice')

/** A link of it: the row itself is no place for a focus that outlives its next refresh. */
const inRow = () => {
  try {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    return named?.matches('li, tr, article') ? named.querySelector('a[href]') : null
  } catch {
    // An address that somebody cut short names nothing.
    return null
  }
}

const goOn = () => {
  if (document.activeElement !== document.body) return
  notice.tabIndex = -1
  const place = inRow() ?? notice
  place.focus({ preventScroll: true })
}

// Going to the place that the address names takes the focus to the body, up to the load.
if (notice) addEventListener('load', () => requestAnimationFrame(goOn))
