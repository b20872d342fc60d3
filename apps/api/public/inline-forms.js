// form[data-inline]: sent without leaving the page; the thread hears of what it did. What was
// refused is said beside it, in [data-inline-said] of the same message.
const said = (form) =>
  form.closest('[data-prompt], [data-turn]')?.querySelector('[data-inline-said]')

const sentences = (...parts) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?…:]$/.test(part) ? part : `${part}.`))
    .join(' ')

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (!form.matches('form[data-inline]')) return
  event.preventDefault()
  const { submitter } = event
  const fields = Object.fromEntries(new FormData(form, submitter))
  const { _csrf: csrf, _back, ...body } = fields
  const buttons = [...form.querySelectorAll('button')]
  const say = (tone, text) => {
    const place = said(form)
    if (!place) return
    place.className = `said ${tone}`
    place.textContent = text
  }
  for (const button of buttons) button.disabled = true
  say('', submitter?.dataset.doing ?? '')
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': csrf,
      },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (!response.ok) {
      say('bad', sentences(answer.detail, answer.hint))
      return
    }
    say('', '')
    form.closest('details')?.removeAttribute('open')
    const turn = form.closest('[data-turn]')
    // Of what is no turn, its message is looked at again.
    const id = answer.turn?.id ?? answer.answerTurnId ?? turn?.dataset.turn ?? answer.id
    if (id) document.dispatchEvent(new CustomEvent('mc:turn', { detail: { id } }))
    document.querySelector('#composer-text')?.focus({ preventScroll: true })
  } catch {
    say('bad', 'Mission Control cannot be reached. Try again.')
  } finally {
    for (const button of buttons) button.disabled = false
  }
})
