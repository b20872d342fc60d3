// A form with data-auto-submit is sent when one of its choices changes.
document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-auto-submit]')
  if (form && event.target.matches('select')) form.requestSubmit()
})
