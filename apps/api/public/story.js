// [data-story]: how a message came to what its receipt says, fetched when somebody unfolds it.
document.addEventListener(
  'toggle',
  async ({ target }) => {
    const link =
      target.open && target.matches?.('details.story') && target.querySelector('a[data-story]')
    const id = target.closest?.('[data-turn]')?.dataset.turn
    if (!link || !id) return
    const response = await fetch(`/partials/turns/${encodeURIComponent(id)}/story`).catch(
      () => null,
    )
    // Offline: the link itself leads there.
    if (!response?.ok) return
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    link.replaceWith(template.content)
  },
  true,
)
