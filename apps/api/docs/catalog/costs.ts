import type { Entries } from './entry.ts'

/** What it all costs. */
export const costs: Entries = {
  'GET /api/v1/costs': {
    id: 'showCosts',
    tag: 'watching',
    summary: 'Tokens and money of the last days, and how near the cap is',
    about: 'As the programs tell it in their own records; what tells nothing is not counted.',
  },
  'GET /api/v1/costs/tickets/:key': {
    id: 'showTicketCosts',
    tag: 'watching',
    summary: 'What all worker runs of a ticket used',
  },
  'GET /api/v1/costs/digests/:id': {
    id: 'showDigestCosts',
    tag: 'watching',
    summary: 'What all turns of a digest used, reminders included',
  },
  'POST /api/v1/costs/cap': {
    id: 'setCostCap',
    tag: 'settings',
    summary: 'What a UTC day may use before digests and workers stop',
    about:
      'Of the two, what is left out stays as it is; reset goes back to what the environment says.',
    body: { tokens: '2M', usd: '5' },
  },
}
