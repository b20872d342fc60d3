// The board: a card is dragged to another column, more cards are shown in place, and what is
// chosen stays chosen when the columns are fetched again. Without it all of this is links and forms.
const form = document.querySelector('[data-board]')
const said = form?.querySelector('[data-board-said]')
const chosen = new Map()
const grown = new Map()

const say = (text, tone = 'bad') => {
  said.textContent = text
  said.className = text === '' ? 'hidden' : `notice ${tone}`
}
// It stands over the page until one goes on.
document.addEventListener('pointerdown', () => said && say(''))

const move = async (card, column) => {
  const from = card.parentElement
  const next = card.nextElementSibling
  const status = column.dataset.status
  const to = column.querySelector('.cards')
  to.prepend(card)
  card.classList.add('moving')
  const back = (text) => {
    from.insertBefore(card, next)
    say(text)
  }
  try {
    const response = await fetch(`/api/v1/tickets/MC-${card.id.slice(1)}/move`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': form.elements._csrf.value,
      },
      body: JSON.stringify({ status, version: Number(card.dataset.version) }),
    })
    const body = await response.json()
    if (!response.ok) return back(`${body.detail}. ${body.hint ?? ''}`)
    card.dataset.version = body.version
    const box = card.querySelector('input')
    box.value = body.version
    for (const button of card.querySelectorAll('button[name=move]')) {
      const [id, , one] = button.value.split('.')
      button.value = `${id}.${body.version}.${one}`
    }
    say(`Moved ${body.key} to ${column.ariaLabel}.`, 'good')
  } catch {
    back('Mission Control cannot be reached. The card is back where it was.')
  } finally {
    card.classList.remove('moving')
  }
}

const showMore = async (link) => {
  const column = link.closest('[data-status]')
  const response = await fetch(link.href).catch(() => null)
  if (!response?.ok) return void location.assign(link.href)
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const next = page.querySelector(`[data-status="${column.dataset.status}"]`)
  grown.set(column.dataset.status, [...(grown.get(column.dataset.status) ?? []), link.href])
  const first = next?.querySelector('.ticket-card')
  column.querySelector('.cards').append(...(next?.querySelectorAll('.ticket-card') ?? []))
  link.closest('.more').replaceWith(...(next?.querySelectorAll('.more') ?? []))
  keep()
  return first
}

/** The columns were fetched again: what was chosen and grown before is so again. */
const keep = () => {
  for (const name of [...chosen.keys()]) {
    const box = form.elements[name]
    if (!box) chosen.delete(name)
    else {
      // As it is shown now: that is what the person goes on from.
      box.checked = true
      chosen.set(name, box.value)
    }
  }
  for (const card of form.querySelectorAll('.ticket-card')) card.draggable = true
  count()
}

const count = () => {
  const words = form.querySelector('[data-chosen]')
  words.textContent = `${chosen.size} chosen`
}

if (form) {
  let dragged
  form.addEventListener('dragstart', (event) => {
    dragged = event.target.closest?.('.ticket-card')
    if (!dragged) return
    dragged.classList.add('dragged')
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', `MC-${dragged.id.slice(1)}`)
  })
  const over = (event) => {
    const column = dragged && event.target.closest?.('[data-status]')
    return column && !column.contains(dragged) ? column : null
  }
  form.addEventListener('dragover', (event) => {
    const column = over(event)
    for (const one of form.querySelectorAll('.over'))
      if (one !== column) one.classList.remove('over')
    if (!column) return
    event.preventDefault()
    column.classList.add('over')
  })
  form.addEventListener('drop', (event) => {
    const column = over(event)
    if (!column) return
    event.preventDefault()
    void move(dragged, column)
  })
  form.addEventListener('dragend', () => {
    dragged?.classList.remove('dragged')
    dragged = undefined
    for (const one of form.querySelectorAll('.over')) one.classList.remove('over')
  })
  form.addEventListener('change', ({ target }) => {
    if (target.type !== 'checkbox') return
    if (target.checked) chosen.set(target.name, target.value)
    else chosen.delete(target.name)
    count()
  })
  form.addEventListener('reset', () => {
    chosen.clear()
    count()
  })
  form.addEventListener('click', async (event) => {
    const link = event.target.closest('[data-more]')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const first = await showMore(link)
    first?.querySelector('a')?.focus()
  })
  document.addEventListener('mc:refreshed', async () => {
    for (const [status, links] of [...grown]) {
      const link = form.querySelector(`[data-status="${status}"] [data-more]`)
      if (!link || link.href !== links[0]) continue
      grown.delete(status)
      for (let n = 0; n < links.length; n++) {
        const more = form.querySelector(`[data-status="${status}"] [data-more]`)
        if (more) await showMore(more)
      }
    }
    keep()
  })
  keep()
}
