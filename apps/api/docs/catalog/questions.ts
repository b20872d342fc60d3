import type { Entries } from './entry.ts'

/** What Luci asks a person. */
export const questions: Entries = {
  'GET /api/v1/questions': {
    id: 'listQuestions',
    tag: 'luci',
    summary: 'What Luci asked, newest first',
  },
  'GET /api/v1/questions/:id': {
    id: 'getQuestion',
    tag: 'luci',
    summary: 'One question, and its answer',
  },
  'POST /api/v1/questions': {
    id: 'askQuestion',
    tag: 'luci',
    summary: 'Ask the person',
    about:
      'Luci’s alone, in a person’s turn; three may be open at once. It is asked on the page and at Telegram, and outlives the turn. The first answer wins and comes to Luci as a message of the person.',
    body: { text: 'Which disk shall I order?', options: ['4 TB', '8 TB'], expiresIn: '4h' },
  },
  'POST /api/v1/questions/:id/answer': {
    id: 'answerQuestion',
    tag: 'luci',
    summary: 'Answer what she asked',
    about: '409 says who answered what, when it was answered before.',
    body: { answer: '8 TB' },
  },
  'POST /api/v1/questions/:id/withdraw': {
    id: 'withdrawQuestion',
    tag: 'luci',
    summary: 'Nobody is to answer it any more',
  },
  'POST /api/v1/questions/:id/wait': {
    id: 'waitForAnswer',
    tag: 'luci',
    summary: 'Wait until it is answered',
    about:
      'Gives the question as it stands once it is over, or after `seconds`. Luci, who waits in the turn that asked, has heard the answer then; it does not come as a message too.',
    body: { seconds: 60 },
  },
}
