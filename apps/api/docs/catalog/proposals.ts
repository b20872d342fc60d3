import type { Entries } from './entry.ts'

/** What Luci proposes. */
export const proposals: Entries = {
  'GET /api/v1/proposals': {
    id: 'listProposals',
    tag: 'proposals',
    summary: 'What Luci proposed, newest first',
  },
  'GET /api/v1/proposals/:id': {
    id: 'showProposal',
    tag: 'proposals',
    summary: 'One proposal, what became of each step, and its tickets',
  },
  'POST /api/v1/proposals': {
    id: 'propose',
    tag: 'proposals',
    summary: 'Propose a change to the board, in steps',
    about:
      'Taken whole or refused whole, with every mistake named. It waits for a person, or is carried out at once when all of it is trusted; `outcome` says which. Steps: file (a ticket), delegate and close (one that there is), alert.',
    body: {
      title: 'Backups that are known to restore',
      summary: 'First a copy, then a trial; nothing is deleted.',
      parent: 'new',
      steps: [
        {
          do: 'file',
          name: 'copy',
          title: 'Copy the backup of last night to the test machine',
          risk: 'low',
          does: 'worker',
        },
        {
          do: 'file',
          name: 'restore',
          title: 'Restore it there and compare',
          risk: 'medium',
          does: 'person',
          after: ['copy'],
        },
      ],
      questions: [{ text: 'Which machine may be overwritten?', options: ['test1', 'test2'] }],
    },
  },
  'POST /api/v1/proposals/:id/accept': {
    id: 'acceptProposal',
    tag: 'proposals',
    summary: 'Accept a proposal, whole or the chosen steps as edited',
    about:
      'What is given is what is written down and done, in one transaction. A second time is a 409, and so is a `version` that is no longer the one. A ticket that was changed (title, description) since it was proposed for a worker is a 409 that says so; `ticketEdits` tells what, and `seen` that it was looked at. A link to a step that was not chosen is dropped, and the ticket says so.',
    body: { version: 1 },
  },
  'POST /api/v1/proposals/:id/park': {
    id: 'parkProposal',
    tag: 'proposals',
    summary: 'File all of it as parked; nothing starts',
    about: 'Steps that are no ticket to file are refused by it.',
    body: { version: 1 },
  },
  'POST /api/v1/proposals/:id/refuse': {
    id: 'refuseProposal',
    tag: 'proposals',
    summary: 'Refuse a proposal; nothing of it is done',
    body: { version: 1, reason: 'The test machine is gone' },
  },
  'POST /api/v1/proposals/:id/withdraw': {
    id: 'withdrawProposal',
    tag: 'proposals',
    summary: 'Take a proposal back that one made',
    about:
      'Luci what she proposed, a person what they made; 409 once it is decided. In a message in which Luci read a text that gives orders she takes back only what she proposed in it.',
    body: { why: 'The machine is gone, so there is nothing to copy' },
  },
  'POST /api/v1/proposals/:id/changes': {
    id: 'askChanges',
    tag: 'proposals',
    summary: 'Send a proposal back to Luci',
    about:
      'Queues a message to her with the note and every edit of `content`; her answer replaces this one. It may be accepted or refused meanwhile.',
    body: { version: 1, note: 'Leave the old copies alone' },
  },
}
