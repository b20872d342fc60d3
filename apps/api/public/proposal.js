// form[data-proposal]: what the choice comes to is shown while it is made; steps are moved in
// place, by their buttons, by Alt and an arrow, or by dragging. The server says what comes of it.
const form = document.querySelector('form[data-proposal]')
const TYPED_MS = 250

const steps = () => [...form.querySelectorAll('[data-step]')]
const said = form?.querySelector('[data-moved]')

// What the choice comes to.

let timer
let asked = 0
const showPlan = async () => {
  const number = ++asked
  const response = await fetch(form.dataset.planSrc, {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => null)
  // Offline, or overtaken: what stands there stays until the next change.
  if (!response?.ok || number !== asked) return
  const parts = document.createElement('template')
  parts.innerHTML = await response.text()
  for (const part of parts.content.querySelectorAll('[data-part]')) {
    const place = form.querySelector(`[data-plan="${part.dataset.part}"]`)
    const wasOpen = place.querySelector('details[open]') !== null
    place.innerHTML = part.innerHTML
    if (wasOpen) place.querySelector('details')?.setAttribute('open', '')
  }
  form.querySelector('[data-plan-says]').textContent =
    form.querySelector('[data-plan-count]').textContent
}
const planSoon = () => {
  clearTimeout(timer)
  if (form.dataset.over !== undefined) return
  timer = setTimeout(showPlan, TYPED_MS)
}

// Which steps are edited.

const valuesOf = (step) =>
  JSON.stringify(
    [...step.querySelectorAll('input, select, textarea')]
      .filter((field) => !field.name.endsWith('.take') && field.type !== 'hidden')
      .map((field) => field.value.trim()),
  )
const first = new Map()

const markEdited = (step) => {
  const badge = step?.querySelector('[data-edited]')
  if (badge && first.has(step)) badge.hidden = valuesOf(step) === first.get(step)
}

// Moving.

const showEnds = () => {
  const all = steps()
  for (const [at, step] of all.entries()) {
    // One step alone has none.
    for (const [by, end] of [
      [-1, 0],
      [1, all.length - 1],
    ])
      step.querySelector(`[data-move="${by}"]`)?.toggleAttribute('disabled', at === end)
  }
}

const moved = (step) => {
  showEnds()
  const all = steps()
  said.textContent = `${titleOf(step)} is number ${all.indexOf(step) + 1} of ${all.length}`
  planSoon()
}

const titleOf = (step) =>
  step.querySelector('textarea.step-title')?.value ?? step.querySelector('.step-title').textContent

const move = (step, by) => {
  const focused = document.activeElement
  const other = by < 0 ? step.previousElementSibling : step.nextElementSibling
  if (!other) return
  if (by < 0) other.before(step)
  else other.after(step)
  moved(step)
  const button = focused.matches?.('[data-move]') && focused.disabled
  const place = button ? step.querySelector('[data-move]:not(:disabled)') : focused
  place?.focus({ preventScroll: true })
  step.scrollIntoView({ block: 'nearest' })
}

let dragged
/** Text is selected by dragging, too: a step is dragged by what is no field. */
const drag = (event) => {
  const step = event.target.closest?.('[data-step]')
  if (!step || !dragged || step === dragged) return
  event.preventDefault()
  const { top, height } = step.getBoundingClientRect()
  if (event.clientY < top + height / 2) step.before(dragged)
  else step.after(dragged)
}

// Decided meanwhile, in another window or by Luci's next proposal.

const linkTo = (text, href, name) => {
  const link = document.createElement('a')
  link.className = name
  link.href = href
  link.textContent = text
  return link
}

/** Nothing can be sent any more; what was typed stays to be read and copied. */
const close = ({ decided, successor }) => {
  form.dataset.over = ''
  clearTimeout(timer)
  asked++
  const hadFocus = form.contains(document.activeElement)
  for (const field of form.elements) {
    if (field.matches('textarea, input:not([type=checkbox], [type=date])')) field.readOnly = true
    else field.disabled = true
  }
  for (const step of steps()) step.draggable = false
  const notice = document.createElement('div')
  notice.className = 'notice warn'
  notice.setAttribute('role', 'alert')
  const words = document.createElement('span')
  words.className = 'grow'
  words.textContent = `Decided meanwhile: ${decided}. What you have here is not sent.`
  const next = successor
    ? linkTo('To what Luci proposes in its place', `/proposals/${successor}`, 'button small')
    : linkTo('See what came of it', location.pathname, 'button small')
  notice.append(words, next)
  const place = document.querySelector('[data-told]')
  if (place) place.prepend(notice)
  else form.before(notice)
  if (hadFocus && document.activeElement.disabled) next.focus({ preventScroll: true })
}

const look = () => {
  const head = document.querySelector('#proposal-head[data-decided]')
  if (head && form.dataset.over === undefined) close(head.dataset)
}

if (form) {
  document.addEventListener('mc:refreshed', look)
  // Scripts arrive late: what the browser filled in again after a reload counts as edited.
  for (const step of steps())
    if (step.querySelector('[data-edited]')?.hidden) {
      const fields = [...step.querySelectorAll('input, select, textarea')]
      first.set(
        step,
        JSON.stringify(
          fields
            .filter((field) => !field.name.endsWith('.take') && field.type !== 'hidden')
            .map((field) =>
              (field.matches('select')
                ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0]).value
                : field.defaultValue
              ).trim(),
            ),
        ),
      )
      markEdited(step)
    }
  form.addEventListener('input', (event) => {
    markEdited(event.target.closest('[data-step]'))
    planSoon()
  })
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-move]')
    if (!button) return
    event.preventDefault()
    move(button.closest('[data-step]'), Number(button.dataset.move))
  })
  form.addEventListener('keydown', (event) => {
    // Enter in a field decides nothing, and there is nothing to look at again.
    if (
      event.key === 'Enter' &&
      event.target.matches('input:not([type=checkbox]), textarea.step-title')
    )
      event.preventDefault()
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    const step = event.target.closest('[data-step]')
    if (
      !by ||
      !step ||
      !event.altKey ||
      form.dataset.over !== undefined ||
      event.target.matches('select')
    )
      return
    event.preventDefault()
    move(step, by)
  })
  // Before the button goes down: by then the browser has made up its mind.
  form.addEventListener('pointerover', (event) => {
    const step = event.target.closest('[data-step]')
    if (step && form.dataset.over === undefined)
      step.draggable = !event.target.closest('input, select, textarea, button, summary, a, pre')
  })
  form.addEventListener('dragstart', (event) => {
    if (!event.target.matches('[data-step]')) return
    dragged = event.target
    dragged.classList.add('dragged')
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', titleOf(dragged))
  })
  form.addEventListener('dragover', drag)
  form.addEventListener('drop', (event) => dragged && event.preventDefault())
  form.addEventListener('dragend', () => {
    if (!dragged) return
    dragged.classList.remove('dragged')
    dragged.draggable = false
    moved(dragged)
    dragged = undefined
  })
  // A link to a step of the drawing unfolds it.
  const unfold = () =>
    document.querySelector(`${location.hash || '#-'} .step-more`)?.setAttribute('open', '')
  addEventListener('hashchange', unfold)
  // What it waits for may be done meanwhile, and workers may be stopped.
  document.addEventListener('mc:changed', ({ detail }) => {
    if (detail.tables.some((one) => one === 'tickets' || one === 'settings')) planSoon()
  })
}
