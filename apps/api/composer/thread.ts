import type { Acts } from '@mc/core/acts/acts.ts'
import type { Attachments } from '@mc/core/attachments/attachments.ts'
import type { Digests } from '@mc/core/digest/digests.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Questions } from '@mc/core/questions/questions.ts'
import { inFlightTurnStates, type Turn } from '@mc/core/turns/turn.ts'
import type { Turns } from '@mc/core/turns/turns.ts'
import { doneIn } from '../autonomy/pages.ts'
import type { ProposalCards } from '../proposals/cards.ts'
import { dealOut, FOLDED_CHARS } from './fold.ts'
import type { LiveReplies } from './live-reply.ts'
import { presentTurn, type TurnView } from './present.ts'

const TURNS_SHOWN = 16

export type ThreadPage = {
  turns: TurnView[]
  /** The seq before which the earlier ones are; null when these are the first. */
  earlier: number | null
}

/** The conversation as its pages show it. */
export const createThread = (deps: {
  turns: Turns
  luci: Luci
  attachments: Attachments
  live: LiveReplies
  questions: Questions
  digests: Pick<Digests, 'decidedByLuci'>
  acts: Acts
  proposalCards: ProposalCards
}) => {
  const { turns, luci, attachments, live, questions, digests, acts, proposalCards } = deps

  /** What Luci has said so far of a turn in flight may be ahead of its row. */
  const replyOf = async (turn: Turn): Promise<string> =>
    inFlightTurnStates.includes(turn.state) ? (await luci.harvest(turn.id)).text : turn.reply

  const present = async (
    shown: readonly Turn[],
    charsFor: (length: number) => number,
  ): Promise<TurnView[]> => {
    const queued = shown.some(({ state }) => state === 'queued')
    const [replies, files, waiting, inHand, asked, done, proposed, decided] = await Promise.all([
      Promise.all(shown.map(replyOf)),
      attachments.ofTurns(shown.map(({ id }) => id)),
      queued ? turns.waiting() : ([] as string[]),
      queued ? turns.inFlight() : [],
      questions.ofTurns(shown.map(({ id }) => id)),
      doneIn(
        acts,
        shown.map(({ id }) => id),
      ),
      proposalCards(shown.map(({ id }) => id)),
      digests.decidedByLuci(shown.flatMap(({ digestId }) => digestId ?? [])),
    ])
    return shown.map((turn, n) =>
      presentTurn(turn, {
        reply: replies[n] ?? turn.reply,
        charsFor,
        pieces: (text, chars) => live.show(turn.id, text, chars),
        files: files.get(turn.id) ?? [],
        pathOf: attachments.path,
        place: waiting.indexOf(turn.id) + 1,
        isBusy: inHand.length > 0,
        questions: asked.get(turn.id) ?? [],
        proposals: proposed.get(turn.id) ?? [],
        acts: done.get(turn.id) ?? [],
        decided: decided.get(turn.digestId ?? '') ?? 0,
      }),
    )
  }

  return {
    /** Some of them, oldest first: the newest, or those before a seq. */
    async page(before: number | undefined): Promise<ThreadPage> {
      const found = await turns.list({ ...(before ? { before } : {}), limit: TURNS_SHOWN + 1 })
      const shown = found.slice(0, TURNS_SHOWN)
      // The newest shows most of a long text.
      const views = await present(shown, dealOut())
      return {
        turns: views.reverse(),
        earlier: found.length > TURNS_SHOWN ? (shown.at(-1)?.seq ?? null) : null,
      }
    },

    questionsOf: async (id: string) => (await questions.ofTurns([id])).get(id) ?? [],

    /** One turn; `whole`: nothing of it is folded. Throws `not_found`. */
    async one(id: string, { whole = false } = {}): Promise<{ turn: Turn; view: TurnView }> {
      const turn = await turns.get(id)
      const chars = whole ? Number.POSITIVE_INFINITY : FOLDED_CHARS
      const [view] = await present([turn], () => chars)
      return { turn, view: view as TurnView }
    },
  }
}

export type Thread = ReturnType<typeof createThread>
