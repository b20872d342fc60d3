import type { Entries } from './entry.ts'

/** What Luci does by herself, and taking it back. */
export const autonomy: Entries = {
  'GET /api/v1/autonomy': {
    id: 'getAutonomy',
    tag: 'autonomy',
    summary: 'What Luci may do by herself, per class of action, with its record',
    about:
      'The record is of the last 90 days. `acts`: it is done at once now, under the cap of the UTC day. `held`: a pause, or the cap on costs; nothing is begun then.',
  },
  'PUT /api/v1/autonomy/:class': {
    id: 'setAutonomy',
    tag: 'autonomy',
    summary: 'Unlock a class, take it back, or change its cap',
    about:
      'A class that corrections locked again takes `seen: true`: that its record was looked at. Unlocking turns the switch `autonomy` on, unless a person turned it off.',
    body: { mode: 'trusted', cap: 10 },
  },
  'POST /api/v1/autonomy/:class': {
    id: 'setAutonomyByForm',
    tag: 'autonomy',
    summary: 'The same, for a form',
    body: { mode: 'advisor' },
  },
  'POST /api/v1/autonomy/pause': {
    id: 'pauseAutonomy',
    tag: 'autonomy',
    summary: 'Stop all autonomous action at once',
    about:
      'No digest is sent (rules and the fallback decide), one that is with Luci is interrupted, no worker starts, and those that she began by herself are cancelled. Chat, scheduler and rules go on.',
    body: { reason: 'Moving house', workers: false },
  },
  'POST /api/v1/autonomy/resume': {
    id: 'resumeAutonomy',
    tag: 'autonomy',
    summary: 'Go on with what waited',
  },
  'GET /api/v1/autonomy/shadow': {
    id: 'shadowRun',
    tag: 'autonomy',
    summary: 'What would have been done at once over the last days',
    about:
      'Replays the acts of that time through the classes of `trust`, with their caps and the rule that locks. Of those done at once in the replay it says what a person made of them in truth. Changes nothing.',
  },
  'GET /api/v1/acts': {
    id: 'listActs',
    tag: 'autonomy',
    summary: 'What Luci wanted to do and what became of it, newest first',
  },
  'GET /api/v1/acts/:id': { id: 'getAct', tag: 'autonomy', summary: 'One of them' },
  'POST /api/v1/acts/:id/undo': {
    id: 'undoAct',
    tag: 'autonomy',
    summary: 'Take back what was done',
    about:
      'A filed ticket is cancelled, a worker stopped, a closed ticket opened again, an alert resolved. Once; 409, in words, when it was changed since. Counts as a correction.',
  },
  'POST /api/v1/acts/:id/wrong': {
    id: 'callActWrong',
    tag: 'autonomy',
    summary: 'Say that it was wrong',
    about: 'Counts as a correction of its class; what was done stays.',
    body: { note: 'It was waiting for the vendor' },
  },
  'POST /api/v1/proposals/:id/undo': {
    id: 'undoProposal',
    tag: 'autonomy',
    summary: 'Take back all that came of a proposal',
    about: 'The last first, as far as it goes; each step says what became of it.',
  },
}
