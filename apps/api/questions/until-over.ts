import type { Bell } from '@mc/core/bell.ts'
import type { Question } from '@mc/core/questions/question.ts'
import type { Questions } from '@mc/core/questions/questions.ts'

/** A ring may be missed: looked at again no later than this. */
const LOOK_MS = 30_000

/** The question as it stands once it is over, or after `ms`, or when nobody waits any more. */
export const untilOver = async (
  { questions, bell, now }: { questions: Questions; bell: Bell; now: () => number },
  id: number,
  ms: number,
  signal: AbortSignal,
): Promise<Question> => {
  const end = now() + ms
  for (;;) {
    const heard = new AbortController()
    // From before the look on: what rings during it is not missed.
    const unlisten = bell.listen(() => heard.abort())
    try {
      const question = await questions.get(id)
      const left = end - now()
      if (question.state !== 'open' || left <= 0 || signal.aborted) return question
      if (!heard.signal.aborted)
        await bell.wait(Math.min(left, LOOK_MS), AbortSignal.any([signal, heard.signal]))
    } finally {
      unlisten()
    }
  }
}
