// Files of the composer: chosen, dropped or pasted; uploaded at once, with progress, and taken back
// again by their button. They are part of the draft.
import { recall, remember } from './stored.js'

const FILES_MAX = 10

const element = (name, className, text = '') => {
  const made = document.createElement(name)
  if (className) made.className = className
  made.textContent = text
  return made
}

export const createFiles = (form, key, say) => {
  const list = form.querySelector('[data-composer-files]')
  const pick = form.querySelector('[data-composer-pick]')
  const csrf = form.elements._csrf.value
  let entries = []

  const keep = () => {
    list.hidden = entries.length === 0
    const done = entries.flatMap(({ file }) => (file ? [file] : []))
    remember(key, done.length > 0 ? JSON.stringify(done) : '')
  }

  const drop = (entry) => {
    entry.upload?.abort()
    entry.row.remove()
    entries = entries.filter((other) => other !== entry)
    keep()
    form.elements.text.focus()
    if (!entry.file) return
    // What cannot be taken back now goes by itself in a day.
    fetch(`/api/v1/attachments/${entry.file.id}`, {
      method: 'DELETE',
      headers: { 'x-csrf-token': csrf },
    }).catch(() => {})
  }

  const show = (entry, name) => {
    entry.row = element('li', 'file')
    entry.picture = element('span', 'picture')
    entry.facts = element('small', '', '0 %')
    const words = element('span', '')
    words.append(element('b', '', name), entry.facts)
    const remove = element('button', 'small plain', '×')
    remove.type = 'button'
    remove.ariaLabel = `Take back ${name}`
    remove.addEventListener('click', () => drop(entry))
    entry.row.append(entry.picture, words, remove)
    list.append(entry.row)
    entries.push(entry)
    keep()
  }

  const finish = (entry, file) => {
    entry.file = file
    entry.facts.textContent = file.size
    if (file.isImage) {
      const image = element('img')
      image.src = file.url
      image.alt = ''
      entry.picture.replaceChildren(image)
    }
    keep()
  }

  const upload = (file) => {
    const entry = {}
    show(entry, file.name)
    const request = new XMLHttpRequest()
    entry.upload = request
    entry.done = new Promise((resolve) => {
      request.onloadend = () => {
        const answer = request.response
        if (request.status === 201) {
          finish(entry, answer.items[0])
          return resolve()
        }
        if (entries.includes(entry)) {
          drop(entry)
          say('bad', answer?.detail ?? `${file.name} could not be uploaded. Try again.`)
        }
        resolve()
      }
    })
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) entry.facts.textContent = `${Math.round((loaded / total) * 100)} %`
    }
    const body = new FormData()
    // A pasted picture has no name of its own.
    body.append('files', file, file.name || 'pasted.png')
    request.open('POST', '/api/v1/attachments')
    request.responseType = 'json'
    request.setRequestHeader('x-csrf-token', csrf)
    request.setRequestHeader('accept', 'application/json')
    request.send(body)
  }

  const add = (files) => {
    for (const file of files) {
      if (entries.length >= FILES_MAX) return say('bad', `At most ${FILES_MAX} files at once.`)
      upload(file)
    }
  }

  pick.addEventListener('change', () => {
    add(pick.files)
    pick.value = ''
  })
  form.addEventListener('paste', (event) => {
    const { files } = event.clipboardData
    if (files.length === 0) return
    event.preventDefault()
    add(files)
  })
  for (const name of ['dragover', 'dragleave', 'drop'])
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      form.toggleAttribute('data-dropping', name === 'dragover')
      if (name === 'drop') add(event.dataTransfer.files)
    })
  try {
    for (const file of JSON.parse(recall(key) ?? '[]')) {
      const entry = {}
      show(entry, file.name)
      finish(entry, file)
    }
  } catch {
    // Not ours, or of another version.
    remember(key, '')
  }

  return {
    any: () => entries.length > 0,
    /** Ids of all that are uploaded, once they are. */
    async ids() {
      await Promise.all(entries.map(({ done }) => done))
      return entries.flatMap(({ file }) => (file ? [file.id] : []))
    },
    /** What was sent goes from the list; what came meanwhile stays. */
    sent(ids) {
      const gone = entries.filter(({ file }) => file && ids.includes(file.id))
      for (const { row } of gone) row.remove()
      entries = entries.filter((entry) => !gone.includes(entry))
      keep()
    },
  }
}
