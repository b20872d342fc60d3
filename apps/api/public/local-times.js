// <time datetime data-ago>: kept true as time passes. data-local="<time>": in the reader's own zone,
// with data-seconds to the second.
const words = (ms) => {
  const size = Math.abs(ms)
  if (size < 45_000) return ms > 0 ? 'in a moment' : 'just now'
  const minutes = Math.round(size / 60_000)
  const hours = Math.round(minutes / 60)
  const text =
    minutes < 60
      ? `${Math.max(1, minutes)} min`
      : hours < 36
        ? `${hours} h`
        : `${Math.round(hours / 24)} days`
  return ms > 0 ? `in ${text}` : `${text} ago`
}

const toTheMinute = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
}
const minutes = new Intl.DateTimeFormat('en-GB', toTheMinute)
const seconds = new Intl.DateTimeFormat('en-GB', { ...toTheMinute, second: '2-digit' })

const update = () => {
  for (const element of document.querySelectorAll('time[data-ago]')) {
    const at = Date.parse(element.dateTime)
    const text = words(at - Date.now())
    if (!Number.isNaN(at) && element.textContent !== text) element.textContent = text
  }
  for (const element of document.querySelectorAll('[data-local]')) {
    const at = Date.parse(element.dataset.local)
    if (Number.isNaN(at)) continue
    const text = ('seconds' in element.dataset ? seconds : minutes).format(at)
    if (element.textContent !== text) element.textContent = text
  }
}

update()
setInterval(update, 15_000)
document.addEventListener('mc:refreshed', update)
