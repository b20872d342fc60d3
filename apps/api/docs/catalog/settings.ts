import type { Entries } from './entry.ts'

const switchAbout =
  'An empty value goes back to what the environment says. Names: chat, scheduler, pickup, autonomy.'

/** Switches, browsers and links to sign in. */
export const settings: Entries = {
  'POST /api/v1/sign_in_links': {
    id: 'makeSignInLink',
    tag: 'settings',
    summary: 'A link that signs one browser in, once, within ten minutes',
    answer: {
      url: 'http://127.0.0.1:4700/sign-in?token=…',
      expiresAt: '2026-03-02T10:10:00.000Z',
    },
  },
  'GET /api/v1/settings/switches': {
    id: 'listSwitches',
    tag: 'settings',
    summary: 'How the switches stand, and by whose word',
  },
  'GET /api/v1/settings/switches/:name': {
    id: 'showSwitch',
    tag: 'settings',
    summary: 'How a switch stands, and by whose word',
    about: 'Names: chat, scheduler, pickup, autonomy.',
  },
  'PUT /api/v1/settings/switches/:name': {
    id: 'setSwitch',
    tag: 'settings',
    summary: 'Set a switch',
    about: switchAbout,
    body: { value: 'rules' },
  },
  'POST /api/v1/settings/switches/:name': {
    id: 'turnSwitch',
    tag: 'settings',
    summary: 'Set a switch (for forms)',
    about: switchAbout,
    body: { value: 'rules' },
  },
  'GET /api/v1/sessions': { id: 'listSessions', tag: 'settings', summary: 'Browsers signed in' },
  'POST /api/v1/sessions/:id/end': {
    id: 'endSession',
    tag: 'settings',
    summary: 'Sign a browser out',
    body: {},
  },
  'POST /api/v1/sessions/end_others': {
    id: 'endOtherSessions',
    tag: 'settings',
    summary: 'Sign every other browser out',
    body: {},
  },
}
