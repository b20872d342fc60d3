// [data-copy-code]: the code beside it. [data-copy-field="<id>"]: what that field holds.
// [data-copy-reply="<turn>"]: her reply as she wrote it.
const SAID_FOR_MS = 1_500

const say = (button, text) => {
  const label = button.lastChild
  button.dataset.label ??= label.textContent
  label.textContent = text
  setTimeout(() => {
    label.textContent = button.dataset.label
  }, SAID_FOR_MS)
}

const codeOf = (button) => button.closest('.code')?.querySelector('code')?.textContent ?? ''
const fieldOf = (button) => document.getElementById(button.dataset.copyField).value
const replyOf = async (button) => {
  const response = await fetch(`/api/v1/turns/${encodeURIComponent(button.dataset.copyReply)}`)
  if (!response.ok) throw new Error(`${response.status}`)
  return (await response.json()).reply
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy-code], [data-copy-field], [data-copy-reply]')
  if (!button) return
  try {
    const text =
      'copyCode' in button.dataset
        ? codeOf(button)
        : 'copyField' in button.dataset
          ? fieldOf(button)
          : await replyOf(button)
    await navigator.clipboard.writeText(text)
    say(button, 'Copied')
  } catch {
    // No leave to write, or an address that is no secure context.
    say(button, 'Not copied')
  }
})
