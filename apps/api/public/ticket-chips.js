// What the first line of a ticket means (!1 #label due:fri), shown as it is typed. The server reads
// it, by the very rules it will be filed by.
const SOON_MS = 120
const mayMean = /[!#]|\bdue\b/i

/** The day here, as `2026-11-22`. */
export const today = () => {
  const now = new Date()
  const two = (number) => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

export const createChips = (list) => {
  let timer
  let asked = 0
  const clear = () => {
    list.replaceChildren()
    list.hidden = true
  }
  const ask = async (line) => {
    const number = ++asked
    const query = new URLSearchParams({ text: line.slice(0, 1_000), today: today() })
    const response = await fetch(`/partials/chips?${query}`).catch(() => null)
    if (number !== asked || !response?.ok) return
    list.innerHTML = await response.text()
    list.hidden = list.children.length === 0
  }
  /** `text`: of a ticket; null while no ticket is written. */
  return (text) => {
    clearTimeout(timer)
    const line = text?.trimStart().split('\n')[0] ?? ''
    if (mayMean.test(line)) timer = setTimeout(ask, SOON_MS, line)
    else {
      asked++
      clear()
    }
  }
}
