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

/** By method and path. */
export type Entries = Record<string, Entry>
