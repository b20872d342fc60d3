import type { Entries } from './entry.ts'

/** How the desk is, what happens, and finding things. */
export const watching: Entries = {
  'GET /api/v1/events': {
    id: 'events',
    tag: 'watching',
    summary: 'What happens, as it happens (server-sent events)',
    about:
      'Goes on after the header Last-Event-ID, or `after` at a first connection. Each event names the noun that changed.',
    answer: 'id: 4f2-17\nevent: turn\ndata: {"id":"7f3a9c","state":"answered"}\n\n',
  },
  'GET /api/v1/report': {
    id: 'showReport',
    tag: 'watching',
    summary: 'The week: what came, and what was kept from you',
  },
  'GET /api/v1/search': {
    id: 'search',
    tag: 'search',
    summary: 'Find by words',
    about: 'What was just written is found a second or two later.',
    answer: { items: [], next: null, more: {} },
  },
  'POST /api/v1/search/rebuild': {
    id: 'rebuildSearch',
    tag: 'search',
    summary: 'Index everything anew',
    answer: { rebuilding: true },
  },
  'GET /api/v1/export': { id: 'exportAll', tag: 'more', summary: 'Export everything' },
  'GET /api/v1/status': { id: 'status', tag: 'watching', summary: 'The whole desk in one look' },
  'GET /healthz': { id: 'healthz', tag: 'watching', summary: 'Whether the api runs' },
  'GET /readyz': { id: 'readyz', tag: 'watching', summary: 'Whether the whole desk works' },
  'GET /metrics': { id: 'metrics', tag: 'watching', summary: 'Measurements for Prometheus' },
}
