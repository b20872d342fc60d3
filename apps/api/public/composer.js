// The composer: remembers its mode and its drafts, sends with Ctrl/Cmd+Enter (or Enter, for who
// wants it so) and without a reload. What failed stays where it was.
import { createFiles } from './composer-files.js'
import { createDrafts } from './drafts.js'
import { recall, remember } from './stored.js'
import { createChips, today } from './ticket-chips.js'

const MODE = 'mc.mode'
const ENTER_SENDS = 'mc.enter-sends'
/** Elsewhere the stylesheet alone makes it as high as its text. */
const GROWS_BY_SCRIPT = !CSS.supports('field-sizing', 'content')

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('')

const sentences = (...parts) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?…:]$/.test(part) ? part : `${part}.`))
    .join(' ')

/** The last message that still waits, opened to be edited. */
const editLast = () => {
  const edit = [...document.querySelectorAll('[data-turn] details.edit')].at(-1)
  if (!edit) return false
  edit.open = true
  edit.querySelector('textarea')?.focus()
  return true
}

const attach = (form) => {
  const text = form.elements.text
  const modes = [...form.querySelectorAll('input[name=mode]')]
  const button = form.querySelector('button[type=submit]')
  const verb = form.querySelector('[data-composer-verb]')
  const said = form.querySelector('[data-composer-said]')
  const enter = form.querySelector('[data-enter-sends]')
  const draftKey = form.dataset.draft
  /** The same message again is sent by the same key, so that it is never filed twice. */
  let sent = { body: '', key: '' }

  const show = (tone, message, ...links) => {
    said.className = `said ${tone}`
    said.textContent = message
    for (const link of links) {
      const anchor = document.createElement('a')
      anchor.href = link.href
      anchor.textContent = link.text
      said.append(' ', anchor)
    }
  }
  const drafts = createDrafts(draftKey, text)
  const files = createFiles(form, `${draftKey}.files`, show)
  const chips = createChips(form.querySelector('[data-composer-chips]'))
  let mode = form.elements.mode.value

  const grow = () => {
    if (GROWS_BY_SCRIPT) {
      text.style.height = 'auto'
      text.style.height = `${text.scrollHeight}px`
    }
    chips(mode === 'chat' ? null : text.value)
  }
  const pick = (input) => {
    input.checked = true
    if (input.value !== mode) drafts.change(mode, input.value)
    mode = input.value
    text.placeholder = input.dataset.hint
    verb.textContent = input.dataset.verb
    remember(MODE, mode)
    grow()
  }

  for (const input of modes) input.addEventListener('change', () => pick(input))
  const last = modes.find((input) => input.value === recall(MODE))
  if (last) {
    mode = last.value
    pick(last)
  }
  drafts.restore(mode)
  grow()
  enter.checked = recall(ENTER_SENDS) === 'yes'
  enter.addEventListener('change', () => remember(ENTER_SENDS, enter.checked ? 'yes' : ''))

  text.addEventListener('input', () => {
    drafts.save(mode)
    grow()
  })
  form.addEventListener('keydown', (event) => {
    if (event.target === text && event.key === 'ArrowUp' && !text.value && editLast())
      event.preventDefault()
    if (event.key !== 'Enter' || event.repeat || event.isComposing) return
    const plain = enter.checked && event.target === text && !event.shiftKey && !event.altKey
    if (!event.ctrlKey && !event.metaKey && !plain) return
    event.preventDefault()
    form.requestSubmit()
  })
  document.addEventListener('keydown', (event) => {
    const digit = event.altKey && !event.ctrlKey && /^Digit([1-3])$/.exec(event.code)?.[1]
    const input = digit && modes[digit - 1]
    if (!input) return
    event.preventDefault()
    pick(input)
    form.closest('details')?.setAttribute('open', '')
    text.focus()
  })
  document.addEventListener('click', (event) => {
    const example = event.target.closest('[data-try]')
    if (!example) return
    pick(modes[0])
    text.value = example.dataset.try
    text.focus()
  })

  const send = async () => {
    // Both may be changed before the answer is here.
    const said = text.value
    const saidIn = mode
    const attachments = await files.ids()
    const given = JSON.stringify({
      mode: saidIn,
      text: said,
      today: today(),
      ...(attachments.length > 0 ? { attachments } : {}),
    })
    if (given !== sent.body) sent = { body: given, key: newKey() }
    const response = await fetch(form.action, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': form.elements._csrf.value,
        'idempotency-key': sent.key,
      },
      body: given,
    })
    const body = await response.json()
    if (!response.ok) return show('bad', sentences(body.detail, body.hint))
    sent = { body: '', key: '' }
    drafts.sent(said, saidIn, mode)
    files.sent(attachments)
    grow()
    if (body.turn) document.dispatchEvent(new CustomEvent('mc:turn', { detail: body.turn }))
    if (body.note)
      show('warn', body.note, ...(body.ticket ? [{ ...ticketLink(body), text: 'Open it' }] : []))
    else if (body.run) show('good', 'Handed to a worker:', ticketLink(body), runLink(body))
    else if (body.ticket) show('good', 'Filed', ticketLink(body))
    else if (!document.querySelector('[data-thread]'))
      show('good', 'Sent to Luci:', { href: `/#turn-${body.turn.id}`, text: 'see the answer' })
    else show('', '')
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.disabled) return
    if (text.value.trim() === '')
      return show('bad', files.any() ? 'Say what to do with it.' : 'Write a message first.')
    button.disabled = true
    show('', files.any() ? 'Sending…' : '')
    try {
      await send()
    } catch {
      show('bad', 'Mission Control cannot be reached. Your text is kept; try again.')
    } finally {
      button.disabled = false
      text.focus()
    }
  })
}

const ticketLink = ({ ticket }) => ({
  href: `/tickets/${ticket.key}`,
  text: `${ticket.key} ${ticket.title}`,
})
const runLink = ({ run }) => ({ href: `/runs/${run.id}`, text: `run ${run.id}` })

for (const form of document.querySelectorAll('[data-composer]')) attach(form)
