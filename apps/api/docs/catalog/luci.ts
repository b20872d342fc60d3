import type { Entries } from './entry.ts'

/** The session, its messages and what is attached to them. */
export const luci: Entries = {
  'POST /api/v1/session_start': {
    id: 'startSession',
    tag: 'luci',
    summary: 'What the composer does: chat, Quick Ticket, Luci do it now',
    about:
      'quick_ticket and implement_now work while Luci is down. implement_now files the ticket and hands it to the headless worker.',
    body: { mode: 'quick_ticket', text: 'The nightly backup of the NAS is late' },
  },
  'POST /api/v1/persistent_luci/send': {
    id: 'send',
    tag: 'luci',
    summary: 'Send a message to Luci',
    about:
      'Answers 202 with the queued turn, or 200 with the reply when it is whole within `wait` seconds. Read the rest with harvest.',
    body: { text: 'What needs me right now?', wait: 10 },
  },
  'GET /api/v1/persistent_luci/harvest': {
    id: 'harvest',
    tag: 'luci',
    summary: 'Read a reply as it comes',
    about:
      'Gives the text from `after` on; ask again with `after` set to `next` until `done`. Costs what is new, whatever the length.',
    answer: { turn: 'see Turn', text: 'Nothing waits for you.', next: 22, done: true },
  },
  'GET /api/v1/persistent_luci/status': {
    id: 'luciStatus',
    tag: 'luci',
    summary: 'How Luci is, and what she asks',
  },
  'POST /api/v1/persistent_luci/start': {
    id: 'startLuci',
    tag: 'luci',
    summary: 'Start her session',
  },
  'POST /api/v1/persistent_luci/stop': {
    id: 'stopLuci',
    tag: 'luci',
    summary: 'Stop her session, and leave it stopped',
  },
  'POST /api/v1/persistent_luci/switch': {
    id: 'switchLuci',
    tag: 'luci',
    summary: 'Put another agent program into her session',
    about: 'Waits for nobody: 409 while she works, unless `force`. Going back resumes.',
    body: { profile: 'house' },
  },
  'POST /api/v1/persistent_luci/interrupt': {
    id: 'interruptLuci',
    tag: 'luci',
    summary: 'Ask her to stop what she does',
    body: {},
  },
  'POST /api/v1/persistent_luci/answer': {
    id: 'answerLuci',
    tag: 'luci',
    summary: 'Answer what she asks',
    about: 'Names the prompt it answers: 409 when she asks something else by now.',
    body: { turn: '7f3a9c', prompt: 'p1', choice: 'yes' },
  },
  'GET /api/v1/turns': {
    id: 'listTurns',
    tag: 'luci',
    summary: 'The thread, newest first',
  },
  'GET /api/v1/turns/:id': { id: 'showTurn', tag: 'luci', summary: 'One message and its reply' },
  'PATCH /api/v1/turns/:id': {
    id: 'changeTurn',
    tag: 'luci',
    summary: 'Change a message that still waits',
    body: { text: 'What needs me today?' },
  },
  'DELETE /api/v1/turns/:id': {
    id: 'removeTurn',
    tag: 'luci',
    summary: 'Take a message back that still waits',
  },
  'POST /api/v1/turns/:id/edit': {
    id: 'editTurn',
    tag: 'luci',
    summary: 'Change a message that still waits (for forms)',
    body: { text: 'What needs me today?' },
  },
  'POST /api/v1/turns/:id/remove': {
    id: 'takeTurnBack',
    tag: 'luci',
    summary: 'Take a message back that still waits (for forms)',
    answer: { removed: true },
  },
  'POST /api/v1/turns/:id/now': {
    id: 'sendTurnNow',
    tag: 'luci',
    summary: 'Stop what Luci is doing, and send this waiting message next',
    about:
      'What she has in hand is interrupted, as with interrupt; the message goes before all others that wait. 409 once she has it, and for a digest.',
  },
  'POST /api/v1/turns/:id/again': {
    id: 'sendAgain',
    tag: 'luci',
    summary: 'Send the same message again, as a new turn',
  },
  'POST /api/v1/attachments': {
    id: 'uploadFiles',
    tag: 'luci',
    summary: 'Upload files for a message (multipart/form-data)',
    answer: {
      items: [
        {
          id: 'a1b2c3',
          name: 'screen.png',
          mediaType: 'image/png',
          bytes: 48213,
          size: '47 kB',
          url: '/attachments/a1b2c3',
          isImage: true,
        },
      ],
    },
  },
  'DELETE /api/v1/attachments/:id': {
    id: 'removeFile',
    tag: 'luci',
    summary: 'Take an uploaded file back',
  },
}
