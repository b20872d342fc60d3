// data-since="<time>": how long it has been going on, counted every second.
const two = (number) => String(number).padStart(2, '0')

const tick = () => {
  for (const element of document.querySelectorAll('[data-since]')) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000))
    const minutes = Math.floor(seconds / 60)
    const text =
      minutes < 60
        ? `${minutes}:${two(seconds % 60)}`
        : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
    if (element.textContent !== text) element.textContent = text
  }
}

setInterval(tick, 1000)
