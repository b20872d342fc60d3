import type { Content, Proposal } from '@mc/core/proposals/proposal.ts'
import { Command } from 'commander'
import { atDesk, type Desk, type Page } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { textFrom, wholeNumber } from './input.ts'
import { proposalText, type Story } from './proposal-text.ts'
import { jsonFrom } from './propose.ts'
import { shortTime } from './time.ts'

const pathOf = (id: string) => `/api/v1/proposals/${encodeURIComponent(id)}`

export const proposalCommands = (): Command =>
  new Command('proposal')
    .description('what Luci proposes, and your word on it')
    .addCommand(list())
    .addCommand(show())
    .addCommand(accept())
    .addCommand(park())
    .addCommand(refuse())
    .addCommand(changes())
    .addCommand(withdraw())

const list = () =>
  new Command('list')
    .description('those that wait for you')
    .option('--all', 'decided ones too, newest first')
    .option('--state <state>', 'open, changes_asked, accepted, parked, refused, carried_out, …')
    .option('--of-turn <id>', 'those that were made in this turn')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--cursor <cursor>', '"next" of the page before')
    .action(
      atDesk(async (desk, { all, ofTurn, ...filter }: ListOptions) => {
        const state = filter.state ?? (all ? undefined : 'open')
        const page = await desk.client.get<Page<Proposal>>('/api/v1/proposals', {
          ...filter,
          turn: ofTurn,
          state,
        })
        desk.show(page, () =>
          desk.table(
            ['id', 'state', 'made', 'steps', 'title'],
            page.items.map((proposal) => [
              proposal.id,
              proposal.state.replace('_', ' '),
              shortTime(proposal.createdAt),
              proposal.content.steps.length,
              proposal.title,
            ]),
            all ? 'Nothing was proposed' : 'Nothing waits for your word',
          ),
        )
      }),
    )

type ListOptions = {
  all?: boolean
  ofTurn?: string
  state?: string
  limit: number
  cursor?: string
}

const show = () =>
  new Command('show')
    .description('one proposal: its steps as a tree, and what came of it')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const story = await desk.client.get<Story>(pathOf(id))
        desk.show(story, () => proposalText(story))
      }),
    )

type Choice = { only?: string; content?: string; seen?: number }

const accept = () =>
  new Command('accept')
    .description('file the chosen and begin')
    .argument('<id>')
    .option('--only <names>', 'these steps, e.g. copy,restore; the others are refused')
    .option('--content <file>', 'as edited, its JSON whole ("-": stdin)')
    .option('--seen <n>', 'with the changes of its tickets that "show" tells', wholeNumber)
    .action(decideWith('accept', 'Accepted'))

const park = () =>
  new Command('park')
    .description('file all of it as parked; nothing begins')
    .argument('<id>')
    .option('--only <names>', 'these steps, e.g. copy,restore; the others are refused')
    .option('--content <file>', 'as edited, its JSON whole ("-": stdin)')
    .action(decideWith('park', 'Parked'))

const PROPOSAL_ID = /^[0-9a-f]{6}$/

/** Of the version that is read here, so that a change meanwhile is a conflict. */
function decideWith(verb: 'accept' | 'park', done: string) {
  return atDesk(async (desk, id: string, choice: Choice) => {
    // What is no proposal is refused where the right to decide is looked at first.
    if (!PROPOSAL_ID.test(id)) return void (await desk.client.post(`${pathOf(id)}/${verb}`, {}))
    const { version, content } = await desk.client.get<Story>(pathOf(id))
    const given = choice.content
      ? ((await jsonFrom(choice.content, 'the content of a proposal')) as Content)
      : content
    const story = await desk.client.post<Story>(`${pathOf(id)}/${verb}`, {
      version,
      ...(choice.only || choice.content ? { content: only(given, choice.only) } : {}),
      ...(choice.seen === undefined ? {} : { seen: choice.seen }),
    })
    desk.show(story, () => `${done} ${id}.\n\n${proposalText(story)}`)
  })
}

const only = (content: Content, names: string | undefined): Content => {
  if (names === undefined) return content
  const wanted = names.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !content.steps.some((step) => step.name === name))
  if (unknown.length > 0)
    throw new Exit(
      USAGE,
      `There is no step ${unknown.join(', ')}; there are ${content.steps.map(({ name }) => name).join(', ')}.`,
    )
  return { ...content, steps: content.steps.filter(({ name }) => wanted.includes(name)) }
}

const refuse = () =>
  new Command('refuse')
    .description('nothing of it is done')
    .argument('<id>')
    .argument('[reason...]', 'for Luci to read')
    .action(
      atDesk(async (desk, id: string, words: string[]) => {
        const reason = words.join(' ')
        const { version } = await desk.client.get<Story>(pathOf(id))
        const body = { version, ...(reason ? { reason } : {}) }
        const refused = await desk.client.post<Proposal>(`${pathOf(id)}/refuse`, body)
        desk.show(refused, () => `Refused ${id}: nothing of it was done`)
      }),
    )

const changes = () =>
  new Command('changes')
    .description('send it back to Luci')
    .argument('<id>')
    .argument('[note...]', 'what should be otherwise; or on stdin')
    .option('--content <file>', 'your edits, its JSON whole; then the note may be left out')
    .action(
      atDesk(async (desk, id: string, words: string[], options: { content?: string }) => {
        const { version } = await desk.client.get<Story>(pathOf(id))
        const asked = await askFor(desk, id, version, words, options.content)
        desk.show(asked, () => `Luci was asked, in turn ${asked.turn}`)
      }),
    )

const withdraw = () =>
  new Command('withdraw')
    .description('whoever made it takes it back; yours is "refuse" for what Luci proposed')
    .argument('<id>')
    .option('--why <words>', 'for the other to read')
    .action(
      atDesk(async (desk, id: string, { why }: { why?: string }) => {
        const body = why === undefined ? {} : { why }
        const withdrawn = await desk.client.post<Proposal>(`${pathOf(id)}/withdraw`, body)
        desk.show(withdrawn, () => `Taken back ${id}: nothing of it is done`)
      }),
    )

const askFor = async (
  desk: Desk,
  id: string,
  version: number,
  words: string[],
  file: string | undefined,
): Promise<{ proposal: Proposal; turn: string }> => {
  const content = file === undefined ? null : await jsonFrom(file, 'the content of a proposal')
  const note = content && words.length === 0 ? '' : await textFrom(words, 'a note')
  return desk.client.post(`${pathOf(id)}/changes`, {
    version,
    note,
    ...(content ? { content } : {}),
  })
}
