// The composer: remembers its mode and its draft, sends with Ctrl/Cmd+Enter and without a reload.
const MODE = 'mc.mode'

const remember = (key, value) => {
  try {
    if (value) localStorage.setItem(key, value)
    else localStorage.removeItem(key)
  } catch {
    // Storage is full or forbidden: then the draft lives as long as the page.
  }
}
const recall = (key) => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('')

const sentences = (...parts) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?…:]$/.test(part) ? part : `${part}.`))
    .join(' ')

const attach = (form) => {
  const text = form.elements.text
  const modes = [...form.querySelectorAll('input[name=mode]')]
  const button = form.querySelector('button[type=submit]')
  const verb = form.querySelector('[data-composer-verb]')
  const said = form.querySelector('[data-composer-said]')
  const draftKey = form.dataset.draft
  let sendKey = newKey()

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
  const pick = (input) => {
    input.checked = true
    text.placeholder = input.dataset.hint
    verb.textContent = input.dataset.verb
    remember(MODE, input.value)
  }
  const grow = () => {
    text.rows = Math.min(12, Math.max(2, text.value.split('\n').length))
  }

  for (const input of modes) input.addEventListener('change', () => pick(input))
  const last = modes.find((input) => input.value === recall(MODE))
  if (last) pick(last)
  if (!text.value) text.value = recall(draftKey) ?? ''
  grow()

  text.addEventListener('input', () => {
    sendKey = newKey()
    remember(draftKey, text.value)
    grow()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) {
      event.preventDefault()
      form.requestSubmit()
    }
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
    text.value = example.dataset.try
    pick(modes[0])
    text.focus()
  })

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.disabled || text.value.trim() === '') return
    button.disabled = true
    show('', '')
    try {
      const response = await fetch(form.action, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-csrf-token': form.elements._csrf.value,
          'idempotency-key': sendKey,
        },
        body: JSON.stringify({ mode: form.elements.mode.value, text: text.value }),
      })
      const body = await response.json()
      if (!response.ok) return show('bad', sentences(body.detail, body.hint))
      text.value = ''
      sendKey = newKey()
      remember(draftKey, '')
      grow()
      if (body.turn) document.dispatchEvent(new CustomEvent('mc:turn', { detail: body.turn }))
      if (body.note) show('warn', body.note, ...(body.ticket ? [ticketLink(body)] : []))
      else if (body.run) show('good', 'Handed to a worker:', ticketLink(body), runLink(body))
      else if (body.ticket) show('good', 'Filed', ticketLink(body))
      else if (!document.querySelector('[data-thread]'))
        show('good', 'Sent to Luci:', { href: `/#turn-${body.turn.id}`, text: 'see the answer' })
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
