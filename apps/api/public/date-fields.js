// Datetime fields speak of the reader's own zone: the server is sent the instant, and
// data-instant="<time>" is shown in the reader's zone.
const two = (number) => String(number).padStart(2, '0')

const localOf = (at) => {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

for (const field of document.querySelectorAll('input[type="datetime-local"][data-instant]')) {
  const at = new Date(field.dataset.instant)
  if (!Number.isNaN(at.getTime())) field.value = localOf(at)
}

document.addEventListener('formdata', ({ target, formData }) => {
  for (const field of target.querySelectorAll('input[type="datetime-local"][name]')) {
    const at = new Date(field.value)
    if (!Number.isNaN(at.getTime())) formData.set(field.name, at.toISOString())
  }
})
