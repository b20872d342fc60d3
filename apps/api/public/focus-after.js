// After a form's answer the keyboard goes on where it was: in the row that the address names, else
// at the notice, so that screen readers say it.
const notice = document.querySelector('main > .notice')

const named = () => {
  try {
    return document.getElementById(decodeURIComponent(location.hash.slice(1)))
  } catch {
    // An address that somebody cut short names nothing.
    return null
  }
}

if (notice && document.activeElement === document.body) {
  const place = named() ?? notice
  if (place.tabIndex < 0) place.tabIndex = -1
  place.focus({ preventScroll: true })
}
