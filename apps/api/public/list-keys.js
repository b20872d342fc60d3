// j and k: the next and the one before in the list of the page; Enter then opens it, for the
// focus is on its link. x ticks its box. Escape unticks all.
import { areOn, onKey } from './single-keys.js'

const rows =
  'main :is(.ticket-card, ol.items > li, ul.items > li, .items > .item, .items > article, .tasks > *, table.rows tbody tr, [data-list] > *)'

const all = () =>
  [...new Set(document.querySelectorAll(rows))].filter(
    (row) => row.checkVisibility() && row.querySelector('a[href]'),
  )
const linkOf = (row) =>
  row.querySelector('[data-open], .title a, a.title') ?? row.querySelector('a[href]')
const here = () => document.activeElement?.closest(rows)

let last
const go = (step) => {
  const list = all()
  if (list.length === 0) return
  // A list that was fetched again has new rows: the one in the same place goes on.
  const at = list.indexOf(here() ?? last)
  const next =
    list[
      at === -1
        ? step > 0
          ? 0
          : list.length - 1
        : Math.min(Math.max(at + step, 0), list.length - 1)
    ]
  last = next
  linkOf(next).focus()
  next.scrollIntoView({ block: 'nearest' })
}

onKey((key, event) => {
  if (key === 'j') go(1)
  else if (key === 'k') go(-1)
  else if (key === 'x') {
    const box = here()?.querySelector('input[type=checkbox]')
    if (!box) return
    event.preventDefault()
    box.click()
  }
})

document.addEventListener('keydown', (event) => {
  if (
    event.key !== 'Escape' ||
    !areOn() ||
    document.querySelector('dialog[open], details.pop[open]')
  )
    return
  document.querySelector(':is([data-board], .choosing) .bulk button[type=reset]')?.click()
})
