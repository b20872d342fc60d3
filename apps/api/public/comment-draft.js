// A comment that is not sent yet outlives a reload of its ticket. It is forgotten once the page
// says that it was taken, not when it is sent: what was refused is still there.
import { createDrafts } from './drafts.js'
import { recall, remember } from './stored.js'

for (const text of document.querySelectorAll('textarea[data-comment-draft]')) {
  const key = text.dataset.commentDraft
  const drafts = createDrafts(key, text)
  const sent = recall(`${key}.sent`)
  remember(`${key}.sent`, '')
  drafts.restore('comment')
  if (sent && document.querySelector('main > .told > .notice.good')) {
    text.value = ''
    drafts.save('comment')
  }
  text.addEventListener('input', () => drafts.save('comment'))
  text.form.addEventListener('submit', () => remember(`${key}.sent`, 'yes'))
}
