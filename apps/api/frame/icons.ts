/** Drawn by hand on a 16 × 16 grid; they take the colour of the text. */
const paths = {
  home: '<path d="M2.5 7.5 8 3l5.5 4.5V13H9.8V9.8H6.2V13H2.5z"/>',
  board: '<path d="M2.5 3h3v10h-3zM6.9 3h3v6.5h-3zM11.2 3h2.3v8.3h-2.3z"/>',
  proposals:
    '<path d="M3 2.5h6.5L13 6v7.5H3zM9.5 2.5V6H13M5.2 8.6l1 1 1.9-2M9.7 8.8h1.4M5.2 11.6h5.9"/>',
  inbox: '<path d="M2.5 9 4.3 3.5h7.4L13.5 9v3.8h-11zM2.5 9h3.3l.9 1.6h2.6l.9-1.6h3.3"/>',
  schedules: '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.2 1.6"/>',
  alerts: '<path d="M4 11.2V7.4a4 4 0 0 1 8 0v3.8l1 1H3zM6.7 13.6h2.6"/>',
  report: '<path d="M3 13h10M4.5 10.5V8M8 10.5V4M11.5 10.5V6.5"/>',
  settings:
    '<path d="M2.5 4.6h5.6M11.4 4.6h2.1M2.5 11.4h2.1M7.9 11.4h5.6"/><circle cx="9.7" cy="4.6" r="1.7"/><circle cx="6.2" cy="11.4" r="1.7"/>',
  search: '<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>',
  plus: '<path d="M8 3.5v9M3.5 8h9"/>',
  check: '<path d="m3.5 8.4 3 3 6-6.6"/>',
  clock: '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.2 1.6"/>',
  dots: '<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.4"/>',
  hand: '<path d="M8 2.6 14 13H2zM8 6.6v3M8 11.3h.01"/>',
  stop: '<rect x="4" y="4" width="8" height="8" rx="1.2"/>',
  cross: '<path d="m4 4 8 8M12 4l-8 8"/>',
  question:
    '<circle cx="8" cy="8" r="5.5"/><path d="M6.4 6.5a1.7 1.7 0 1 1 2.4 1.6c-.6.3-.8.6-.8 1.1M8 11.1h.01"/>',
  send: '<path d="M13.5 2.5 2.8 6.9l4.4 1.9 1.9 4.4z"/>',
  pause: '<path d="M5.5 3.8v8.4M10.5 3.8v8.4" stroke-width="2"/>',
  play: '<path d="M5 3.4v9.2l7.4-4.6z"/>',
  off: '<circle cx="8" cy="8" r="5.5"/><path d="m4.4 4.4 7.2 7.2"/>',
  file: '<path d="M4 2.5h5l3 3v8H4zM9 2.5v3h3"/>',
  clip: '<path d="m12.6 7.6-4.9 4.9a3 3 0 0 1-4.3-4.3l5.3-5.2a2 2 0 0 1 2.9 2.8L6.4 11a1 1 0 0 1-1.5-1.4l4.6-4.6"/>',
  again: '<path d="M12.8 8a4.8 4.8 0 1 1-1.4-3.4L13 6.2M13 3v3.2H9.8"/>',
  up: '<path d="M8 13V3.5M4 7.2l4-4 4 4"/>',
  down: '<path d="M8 3v9.5M4 8.8l4 4 4-4"/>',
  person: '<circle cx="8" cy="5.2" r="2.5"/><path d="M3 13.4c.5-3 2.4-4.4 5-4.4s4.5 1.4 5 4.4"/>',
  dot: '<circle cx="8" cy="8" r="3" fill="currentColor"/>',
} as const

export type IconName = keyof typeof paths

/** Beside words that say the same, so hidden from screen readers. */
export const icon = (name: IconName): string =>
  `<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${paths[name]}</svg>`
