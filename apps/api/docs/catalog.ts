/** What the document says of a route that its own schema does not: the api's table of contents. */
export type Entry = {
  /** The name a generated client gives it. */
  id: string
  tag: Tag
  summary: string
  /** Only what the names and shapes do not tell already. */
  about?: string
  /** A body that is valid, as people would send it. */
  body?: unknown
  /** An answer, where no shape of ours has an example. */
  answer?: unknown
}

export const tags = {
  luci: 'The persistent session: send, harvest, and who she is',
  proposals: 'What Luci proposes, and what a person makes of it',
  tickets: 'What there is to do',
  inbox: 'What other programs and tasks report, and what became of it',
  tasks: 'Scheduled tasks and their runs',
  alerts: 'What a person must hear',
  search: 'Tickets, turns and items by their words',
  autonomy: 'What Luci does by herself, the record on it, and taking it back',
  settings: 'Switches, browsers and credentials',
  watching: 'How the desk is',
  more: 'What else there is',
} as const
export type Tag = keyof typeof tags

const switchAbout =
  'An empty value goes back to what the environment says. Names: chat, scheduler, pickup, autonomy.'

/** By method and path. A route that is not here must say all this in its own schema. */
export const catalog: Record<string, Entry> = {
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
  'POST /api/v1/turns/:id/again': {
    id: 'sendAgain',
    tag: 'luci',
    summary: 'Send the same message again, as a new turn',
  },
  'GET /api/v1/events': {
    id: 'events',
    tag: 'watching',
    summary: 'What happens, as it happens (server-sent events)',
    about:
      'Goes on after the header Last-Event-ID, or `after` at a first connection. Each event names the noun that changed.',
    answer: 'id: 4f2-17\nevent: turn\ndata: {"id":"7f3a9c","state":"answered"}\n\n',
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

  'GET /api/v1/inbox': {
    id: 'listItems',
    tag: 'inbox',
    summary: 'Items, newest first',
  },
  'POST /api/v1/inbox': {
    id: 'postItem',
    tag: 'inbox',
    summary: 'Post an item',
    about:
      'Rules, or Luci, decide what becomes of it; see its verdict, decidedBy and reason later. The same `fingerprint` names the same trouble.',
    body: {
      source: 'backup',
      sourceId: 'nas',
      message: 'disk 3 is failing',
      priority: 'normal',
      kind: 'failed',
      fingerprint: 'nas:disk3',
    },
  },
  'GET /api/v1/inbox/:id': { id: 'showItem', tag: 'inbox', summary: 'One item' },
  'POST /api/v1/inbox/resolve': {
    id: 'resolveItems',
    tag: 'inbox',
    summary: 'Say what should become of items',
    about:
      'Records the verdicts; pickup performs them. A verdict may raise what the rules said, never lower it.',
    body: { verdicts: [{ item: 17, action: 'ticket', reason: 'It fails every Monday' }] },
    answer: { items: [{ item: 17, status: 'recorded' }] },
  },
  'GET /api/v1/triage/rules': {
    id: 'listTriageRules',
    tag: 'inbox',
    summary: 'The rules that decide, in their order',
  },
  'POST /api/v1/triage/try': {
    id: 'tryTriageRules',
    tag: 'inbox',
    summary: 'What rules would have done to past items, and why',
    about: 'Changes nothing.',
    body: { since: '7d' },
  },
  'GET /api/v1/inbox/:id/timeline': {
    id: 'showItemTimeline',
    tag: 'inbox',
    summary: 'The way of an item: who decided what, when and why',
  },
  'GET /api/v1/inbox/:id/corrections': {
    id: 'listCorrections',
    tag: 'inbox',
    summary: 'What a person said was wrong about an item',
  },
  'POST /api/v1/inbox/:id/corrections': {
    id: 'correctItem',
    tag: 'inbox',
    summary: 'Say that a verdict was wrong, and which is right',
    body: { right: 'silent', note: 'It happens every Monday' },
  },
  'POST /api/v1/inbox/judge': {
    id: 'judgeItems',
    tag: 'inbox',
    summary: 'Decide about many items at once',
    body: { items: [17, 18], action: 'silent' },
  },
  'POST /api/v1/inbox/:id/again': {
    id: 'lookAtItemAgain',
    tag: 'inbox',
    summary: 'Let an item that was set aside be handled again',
  },
  'GET /api/v1/inbox/accuracy': {
    id: 'showAccuracy',
    tag: 'inbox',
    summary: 'How often rules and Luci were right, by what persons corrected',
  },
  'GET /api/v1/report': {
    id: 'showReport',
    tag: 'watching',
    summary: 'The week: what came, and what was kept from you',
  },
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
  'GET /api/v1/digests': {
    id: 'listDigests',
    tag: 'inbox',
    summary: 'What was sent to Luci together, newest first',
    answer: { items: [{ id: 'd4e5f6', state: 'settled' }], next: null },
  },
  'GET /api/v1/digests/:id': {
    id: 'showDigest',
    tag: 'inbox',
    summary: 'One digest and what she said of each item',
    answer: { id: 'd4e5f6', state: 'settled' },
  },

  'GET /api/v1/tasks': {
    id: 'listTasks',
    tag: 'tasks',
    summary: 'Scheduled tasks, by name',
  },
  'GET /api/v1/tasks/:id': { id: 'showTask', tag: 'tasks', summary: 'One task' },
  'POST /api/v1/tasks/:id/run': {
    id: 'runTask',
    tag: 'tasks',
    summary: 'Run a task now',
    about: 'The scheduler starts it when it sees the request, a moment later.',
  },
  'POST /api/v1/tasks/:id/pause': {
    id: 'pauseTask',
    tag: 'tasks',
    summary: 'Pause a task',
    about: 'Its fires are passed over and recorded, until it is resumed or the time given.',
    body: { reason: 'The NAS is being moved', until: '2h' },
  },
  'POST /api/v1/tasks/:id/resume': { id: 'resumeTask', tag: 'tasks', summary: 'Resume a task' },
  'POST /api/v1/tasks/pause': {
    id: 'pauseAllTasks',
    tag: 'tasks',
    summary: 'Pause all tasks together',
    body: { reason: 'Maintenance', until: '2h' },
    answer: {
      at: '2026-03-02T10:00:00.000Z',
      until: '2026-03-02T12:00:00.000Z',
      reason: 'Maintenance',
      by: 'person',
    },
  },
  'POST /api/v1/tasks/resume': {
    id: 'resumeAllTasks',
    tag: 'tasks',
    summary: 'Resume what was paused together',
    answer: { resumed: true },
  },
  'GET /api/v1/runs': {
    id: 'listRuns',
    tag: 'tasks',
    summary: 'Runs, newest first',
  },
  'GET /api/v1/runs/:id': { id: 'showRun', tag: 'tasks', summary: 'One run' },
  'POST /api/v1/runs/:id/cancel': {
    id: 'cancelRun',
    tag: 'tickets',
    summary: 'Stop a worker, or keep it from beginning',
    about: 'A worker that runs is ended with all it started; its run then says cancelled.',
  },
  'POST /api/v1/runs/:id/retry': {
    id: 'retryRun',
    tag: 'tickets',
    summary: 'Have a worker try again what has ended',
  },
  'GET /api/v1/runs/:id/log': {
    id: 'readRunLog',
    tag: 'tasks',
    summary: 'A part of what a run said',
    about: 'From a byte on, 256 KiB at most; ask again from `to` until `ended`.',
    answer: { text: 'done\n', from: 0, to: 5, size: 5, ended: true },
  },
  'GET /api/v1/runs/:id/log/file': {
    id: 'downloadRunLog',
    tag: 'tasks',
    summary: 'The whole log as a file',
    answer: 'done\n',
  },
  'GET /api/v1/runs/:id/log/events': {
    id: 'followRunLog',
    tag: 'tasks',
    summary: 'What a run says, as it says it (server-sent events)',
    answer: 'id: 5\nevent: text\ndata: {"text":"done\\n"}\n\n',
  },
  'GET /api/tasks.schema.json': {
    id: 'tasksFileSchema',
    tag: 'tasks',
    summary: 'The JSON Schema of the tasks file, for editors',
    answer: { $schema: 'https://json-schema.org/draft/2020-12/schema' },
  },

  'GET /api/v1/alerts': {
    id: 'listAlerts',
    tag: 'alerts',
    summary: 'Alerts, newest first',
  },
  'GET /api/v1/alerts/:id': { id: 'showAlert', tag: 'alerts', summary: 'One alert' },
  'POST /api/v1/alerts': {
    id: 'notify',
    tag: 'alerts',
    summary: 'Tell the person something',
    about: 'The same title within the repeat interval is counted, not told again.',
    body: { title: 'The report is ready', text: 'It is in /srv/reports.' },
  },
  'POST /api/v1/alerts/:id/acknowledge': {
    id: 'acknowledgeAlert',
    tag: 'alerts',
    summary: 'Acknowledge: left alone about it for a day',
  },
  'POST /api/v1/alerts/:id/snooze': {
    id: 'snoozeAlert',
    tag: 'alerts',
    summary: 'Hear of it again later',
    body: { until: '4h' },
  },
  'POST /api/v1/alerts/:id/resolve': {
    id: 'resolveAlert',
    tag: 'alerts',
    summary: 'It is over',
  },

  'POST /api/v1/alerts/:id/ticket': {
    id: 'fileTicketForAlert',
    tag: 'alerts',
    summary: 'File a ticket for an alert',
  },
  'POST /api/v1/alerts/bulk': {
    id: 'changeAlerts',
    tag: 'alerts',
    summary: 'Acknowledge, snooze or resolve many',
    body: { action: 'acknowledge', ids: [5, 6] },
    answer: { changed: [5, 6] },
  },
  'GET /api/v1/alerts/mutes': { id: 'listMutes', tag: 'alerts', summary: 'What is muted' },
  'POST /api/v1/alerts/mutes': {
    id: 'mute',
    tag: 'alerts',
    summary: 'Hear nothing of one trouble, or of all that is not urgent',
    body: { until: '4h', reason: 'I know, and I am on it' },
  },
  'POST /api/v1/alerts/mutes/:id/end': { id: 'endMute', tag: 'alerts', summary: 'End a mute' },
  'GET /api/v1/alerts/quiet': {
    id: 'showQuietHours',
    tag: 'alerts',
    summary: 'Quiet hours, and by whose word',
  },
  'POST /api/v1/alerts/quiet': {
    id: 'setQuietHours',
    tag: 'alerts',
    summary: 'Set quiet hours',
    about: 'Critical alerts and refused credentials are told all the same.',
    body: { hours: '22:00-07:00 Europe/Berlin mon-fri' },
  },
  'GET /api/v1/alerts/channels': {
    id: 'listChannels',
    tag: 'alerts',
    summary: 'The channels to the person, and how they are',
  },
  'POST /api/v1/alerts/test': {
    id: 'tryChannels',
    tag: 'alerts',
    summary: 'Send a message to see whether it arrives',
    body: {},
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

  'POST /api/v1/sign_in_links': {
    id: 'makeSignInLink',
    tag: 'settings',
    summary: 'A link that signs one browser in, once, within ten minutes',
    answer: {
      url: 'http://127.0.0.1:4700/sign-in?token=…',
      expiresAt: '2026-03-02T10:10:00.000Z',
    },
  },
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
  'GET /api/v1/webhook_credentials': {
    id: 'listWebhooks',
    tag: 'settings',
    summary: 'Who may post events',
  },
  'POST /api/v1/webhook_credentials': {
    id: 'createWebhook',
    tag: 'settings',
    summary: 'Let another program post events',
    about: 'The token is told once, here.',
    body: { name: 'alertmanager', shape: 'alertmanager' },
  },
  'POST /api/v1/webhook_credentials/:id/revoke': {
    id: 'revokeWebhook',
    tag: 'settings',
    summary: 'Take a program’s leave to post back',
  },
  'POST /api/v1/webhooks/plain': {
    id: 'postPlainEvent',
    tag: 'inbox',
    summary: 'Post what any program tells',
    body: { message: 'disk 3 is failing' },
  },
  'POST /api/v1/webhooks/alertmanager': {
    id: 'postAlertmanager',
    tag: 'inbox',
    summary: 'Post what Alertmanager tells',
    body: { version: '4', status: 'firing', alerts: [] },
  },
  'POST /api/v1/webhooks/healthchecks': {
    id: 'postHealthchecks',
    tag: 'inbox',
    summary: 'Post what healthchecks.io tells',
    body: { name: 'backup', status: 'down' },
  },
  'POST /api/v1/webhooks/uptime-kuma': {
    id: 'postUptimeKuma',
    tag: 'inbox',
    summary: 'Post what Uptime Kuma tells',
    body: { heartbeat: { status: 0 }, monitor: { name: 'site' }, msg: 'down' },
  },
  'POST /api/v1/webhooks/github': {
    id: 'postGithub',
    tag: 'inbox',
    summary: 'Post what GitHub tells',
    body: { zen: 'Keep it logically awesome.' },
  },

  'GET /api/v1/export': { id: 'exportAll', tag: 'more', summary: 'Export everything' },
  'GET /api/v1/status': { id: 'status', tag: 'watching', summary: 'The whole desk in one look' },
  'GET /healthz': { id: 'healthz', tag: 'watching', summary: 'Whether the api runs' },
  'GET /readyz': { id: 'readyz', tag: 'watching', summary: 'Whether the whole desk works' },
  'GET /metrics': { id: 'metrics', tag: 'watching', summary: 'Measurements for Prometheus' },
}
