// Ctrl/Cmd+Enter in any field of several lines sends its form by its own button. The composer has
// keys of its own.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  if (event.defaultPrevented || event.repeat || event.isComposing) return
  if (!event.target.matches?.('textarea') || !event.target.form) return
  event.preventDefault()
  const { form } = event.target
  const button = [...form.elements].find((one) => one.type === 'submit')
  if (!button?.disabled) form.requestSubmit(button)
})
