import type { Entries } from './entry.ts'

/** Tickets, and the workers on them. */
export const tickets: Entries = {
  'GET /api/v1/tickets': {
    id: 'listTickets',
    tag: 'tickets',
    summary: 'Tickets, newest first',
  },
  'POST /api/v1/tickets': {
    id: 'createTicket',
    tag: 'tickets',
    summary: 'File a ticket',
    about:
      'With a fingerprint that an open ticket has, that one is counted and given back instead.',
    body: {
      title: 'The nightly backup of the NAS is late',
      body: 'Since Monday it ends after *eight*.',
      priority: 'normal',
      labels: ['backup'],
    },
  },
  'POST /api/v1/tickets/import': {
    id: 'importTickets',
    tag: 'tickets',
    summary: 'Import tickets',
  },
  'GET /api/v1/tickets/:key': { id: 'showTicket', tag: 'tickets', summary: 'One ticket' },
  'PATCH /api/v1/tickets/:key': {
    id: 'changeTicket',
    tag: 'tickets',
    summary: 'Change a ticket',
    about: 'With the `version` you read, a change that somebody else made meanwhile is a 409.',
    body: { title: 'The nightly backup is late', version: 1 },
  },
  'POST /api/v1/tickets/:key/move': {
    id: 'moveTicket',
    tag: 'tickets',
    summary: 'Move a ticket to another status',
    body: { status: 'doing' },
  },
  'GET /api/v1/tickets/:key/events': {
    id: 'listTicketEvents',
    tag: 'tickets',
    summary: 'What happened to a ticket',
  },
  'POST /api/v1/tickets/:key/comments': {
    id: 'commentTicket',
    tag: 'tickets',
    summary: 'Comment on a ticket',
    body: { body: 'It was the **switch** again.' },
  },
  'GET /api/v1/tickets/:key/links': {
    id: 'listTicketLinks',
    tag: 'tickets',
    summary: 'What a ticket waits for, and what waits for it',
    answer: { blockedBy: [], blocks: [] },
  },
  'POST /api/v1/tickets/:key/links': {
    id: 'linkTicket',
    tag: 'tickets',
    summary: 'Let a ticket wait for another',
    about: 'A circle is a 409.',
    body: { blockedBy: 'MC-2' },
  },
  'DELETE /api/v1/tickets/:key/links/:other': {
    id: 'unlinkTicket',
    tag: 'tickets',
    summary: 'Wait for that ticket no longer',
  },
  'POST /api/v1/tickets/:key/links/:other/remove': {
    id: 'removeTicketLink',
    tag: 'tickets',
    summary: 'Wait for that ticket no longer (for forms)',
  },
  'POST /api/v1/tickets/:key/parent': {
    id: 'setTicketParent',
    tag: 'tickets',
    summary: 'Make a ticket part of another, or of none',
    body: { parent: 'MC-2' },
  },
  'POST /api/v1/tickets/:key/delegate': {
    id: 'delegateTicket',
    tag: 'tickets',
    summary: 'Hand a ticket to the headless worker',
    about:
      'It begins as soon as what the ticket waits for is done and its folder is free. When Luci asks and the class is not trusted, the answer is the proposal that waits for a person.',
    body: { folder: '/srv/site', review: true },
  },
  'GET /api/v1/tickets/:key/runs': {
    id: 'listTicketRuns',
    tag: 'tickets',
    summary: 'What the worker did on a ticket',
  },
  'POST /api/v1/runs/:id/cancel': {
    id: 'cancelRun',
    tag: 'tasks',
    summary: 'Stop a run of a task or a worker, or keep it from beginning',
    about:
      'What runs is ended with all it started: TERM, and KILL after 10 seconds (a worker’s after 3). Its run then says cancelled, which is no failure. 409 when it has ended; `waitsFor` says when nobody is there to end it.',
  },
  'POST /api/v1/runs/:id/retry': {
    id: 'retryRun',
    tag: 'tickets',
    summary: 'Have a worker try again what has ended',
  },
}
