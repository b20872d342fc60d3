import type { About, Followed, Reader, RecordEvent } from '../profile.ts'
import type { Screen } from '../screen.ts'
import { createSpending } from '../spending.ts'
import { createAsks } from './asks.ts'
import { type Hook, hookOf } from './hooks.ts'
import { lineReader } from './lines.ts'
import { createPrompts, type Running } from './prompts.ts'
import { createSubagents } from './subagents.ts'
import { type Fact, factsOf, turnIn } from './transcript.ts'

/*
 * What becomes of a prompt, by Claude Code's own word:
 *
 *   hook UserPromptSubmit      it has it, under an id of its own
 *   transcript user            the same, written down
 *   transcript assistant       a block of the reply, or the words of an API error
 *   hook StopFailure           its model's API gave up
 *   transcript interrupted     Esc, after some output or at a question
 *   transcript turn_duration   the turn has ended and all of it is written
 *   transcript queued_command  words that were sent meanwhile: it answers these now
 *
 * The Stop hook may come before the last block is written, so that it alone ends nothing. Esc
 * before any output leaves no word at all: the text returns to the input, which the screen shows.
 * What a person types by hand is a prompt without a turn: she is not ready until it has ended; so
 * is the word that a subagent in the background is done. The hook of such a prompt may come before
 * the end of the last is written, and ends nothing either.
 */

/** Blocks of a reply are shown apart; the record does not say how. */
const BETWEEN_BLOCKS = '\n\n'
/** Its text is in the input again: it was stopped before it began. */
const RETURNED_AFTER_MS = 2_000
/** It said that it stopped; its transcript should have brought the end by now. */
const STOPPED_AFTER_MS = 3_000
/** It shows an idle input, and nothing tells how the turn ended. */
const IDLE_AFTER_MS = 8_000
export const createClaudeReader = (): Reader => {
  const lines = {
    record: lineReader(),
    transcripts: new Map<string, (b: Uint8Array) => string[]>(),
  }
  const asks = createAsks()
  const prompts = createPrompts()
  const spending = createSpending()
  const subagents = createSubagents(spending)
  const transcripts: string[] = []
  let started = false
  let session: { id: string; transcript: string; cwd: string } | null = null
  let talked: string | null = null
  let turn: string | null = null
  let idle: { since: number; input: string } | null = null
  let fedAt = 0

  const end = (): Running | null => {
    asks.over()
    return prompts.end()
  }

  const received = (prompt: string, text: string, by: string): RecordEvent[] => {
    const named = turnIn(text)
    if (prompts.isOver(prompt) || named === null || named !== turn) return []
    return [{ type: 'received', turn: named, evidence: `${by} ${prompt}` }]
  }

  const heard = (prompt: string, text: string): RecordEvent[] => {
    if (prompts.heard(prompt, text, turn)) idle = null
    return received(prompt, text, 'hook:UserPromptSubmit')
  }

  const written = (prompt: string, text: string): RecordEvent[] => {
    if (prompts.written(prompt, text, turn)) idle = null
    const events = received(prompt, text, 'transcript:user')
    const running = prompts.now()
    if (running?.prompt !== prompt) return events
    if (running.turn) subagents.asked(prompt, running.turn)
    return running.failure === null ? events : [...events, ...failed(running.failure)]
  }

  /** Our words came between two calls of its model, which it made for something else. */
  const joined = (text: string): RecordEvent[] => {
    const running = prompts.now()
    const named = turnIn(text)
    if (!running || named === null || named !== turn || running.turn === named) return []
    prompts.joined(named)
    subagents.asked(running.prompt, named)
    return [{ type: 'received', turn: named, evidence: 'transcript:queued_command' }]
  }

  const failed = (problem: string): RecordEvent[] => {
    const of = end()
    return of?.turn ? [{ type: 'failed', turn: of.turn, problem, reply: of.reply }] : []
  }

  const unproved = (problem: string): RecordEvent[] => {
    const of = end()
    return of?.turn ? [{ type: 'unproved', turn: of.turn, problem, reply: of.reply }] : []
  }

  const answered = (evidence: string): RecordEvent[] => {
    const error = prompts.now()?.apiError
    if (error) return failed(error)
    const of = end()
    return of?.turn ? [{ type: 'answered', turn: of.turn, reply: of.reply, evidence }] : []
  }

  const interrupted = (): RecordEvent[] => {
    const of = end()
    return of?.turn ? [{ type: 'interrupted', turn: of.turn, reply: of.reply }] : []
  }

  const gaveUp = (prompt: string, problem: string): RecordEvent[] => {
    const of = prompts.known(prompt)
    if (!of) return []
    of.failure = problem
    const runs = of === prompts.now()
    return runs && (of.written || of.turn === null) ? failed(problem) : []
  }

  /** What it wrote in a shape we do not know could be a part of the reply, or its receipt. */
  const broken = (problem: string): RecordEvent[] => {
    const named = prompts.now()?.turn ?? turn
    if (named === null) return []
    const reply = end()?.reply ?? ''
    return [
      { type: 'unproved', turn: named, problem: `Unknown transcript shape: ${problem}`, reply },
    ]
  }

  const takeFact = (fact: Fact): RecordEvent[] => {
    if (fact.type === 'prompt') return written(fact.id, fact.text)
    if (fact.type === 'joined') return joined(fact.text)
    if (fact.type === 'broken') return broken(fact.problem)
    // The side chains of older versions, in between: they work for what runs.
    if (fact.type === 'works-for' || fact.type === 'subagent') return []
    const running = prompts.now()
    // Before its own record, it is the end of something else.
    if (!running?.written) return []
    if (fact.type === 'usage') return running.turn ? spending.call(fact.call, fact.usage) : []
    if (fact.type === 'interrupted') return interrupted()
    if (fact.type === 'ended') return answered('transcript:turn_duration')
    if (fact.type === 'api-error') {
      running.apiError = fact.text
      return []
    }
    // It was tried again, and went on.
    running.apiError = null
    const text = running.blocks === 0 ? fact.text : BETWEEN_BLOCKS + fact.text
    running.blocks += 1
    running.reply += text
    return running.turn ? [{ type: 'text', turn: running.turn, text }] : []
  }

  const takeHook = (hook: Hook): RecordEvent[] => {
    if (hook.name === 'SessionEnd') {
      started = false
      return []
    }
    const events = know(hook)
    switch (hook.name) {
      case 'UserPromptSubmit':
        return [...events, ...talksIn(hook.session_id), ...heard(hook.prompt_id, hook.prompt)]
      case 'PreToolUse':
      case 'PermissionRequest':
        return [...events, ...asking(asks.heard(hook))]
      case 'Stop': {
        const stopped = prompts.known(hook.prompt_id)
        if (stopped) stopped.stopped = hook.last_assistant_message ?? ''
        return events
      }
      case 'StopFailure':
        return [...events, ...gaveUp(hook.prompt_id, hook.last_assistant_message)]
      default:
        return events
    }
  }

  /** Any hook says that it runs, and where its transcript is. */
  const know = (hook: Hook): RecordEvent[] => {
    const { session_id: id, transcript_path: transcript, cwd } = hook
    started = true
    session = { id, transcript, cwd }
    if (!transcripts.includes(transcript)) transcripts.push(transcript)
    if (hook.name !== 'SessionStart') return []
    // A new program, or a new conversation in it: whatever it worked on before is over.
    if (hook.source !== 'compact') {
      asks.over()
      prompts.drop()
    }
    return hook.source === 'resume' ? talksIn(id) : []
  }

  /** Only a conversation in which something was said can be gone on with. */
  const talksIn = (id: string): RecordEvent[] => {
    if (talked === id) return []
    talked = id
    return [{ type: 'conversation', turn: null, id }]
  }

  const asking = (about: About | null): RecordEvent[] =>
    about ? [{ type: 'asks', turn: prompts.now()?.turn ?? null, about }] : []

  const takeRecord = (line: string): RecordEvent[] => {
    const hook = hookOf(line)
    if (!hook) return []
    return hook.name === 'broken' ? broken(hook.problem) : takeHook(hook)
  }

  const isReturned = () => {
    const ours = prompts.now()?.turn ?? null
    return ours !== null && idle !== null && turnIn(idle.input) === ours
  }

  return {
    feed: (bytes, file = null) => {
      const aside = file !== null && subagents.has(file)
      if (!aside) fedAt = performance.now()
      if (file === null) return lines.record(bytes).flatMap(takeRecord)
      const read = lines.transcripts.get(file) ?? lineReader()
      lines.transcripts.set(file, read)
      return read(bytes)
        .flatMap(factsOf)
        .flatMap((fact) => {
          if (fact.type === 'subagent') subagents.begin(file, fact.id)
          return aside ? subagents.take(file, fact) : takeFact(fact)
        })
    },
    // What a resumed conversation holds already is old; what we must read was noted by its place.
    follows: () => [
      ...transcripts.map((path): Followed => ({ path, from: 'end' })),
      ...subagents.follows(),
    ],
    see: (screen: Screen) => {
      if (screen.type !== 'input' || screen.busy) idle = null
      else if (idle?.input !== screen.input)
        idle = { since: performance.now(), input: screen.input }
      return asking(asks.see(screen))
    },
    quietMs: () => {
      const running = prompts.now()
      if (!running || !idle) return null
      const waitMs = isReturned()
        ? RETURNED_AFTER_MS
        : running.stopped === null
          ? IDLE_AFTER_MS
          : STOPPED_AFTER_MS
      return Math.max(0, idle.since - fedAt) + waitMs
    },
    quiet: () => {
      const running = prompts.now()
      if (!running || !idle) return []
      if (isReturned()) return interrupted()
      const { stopped, reply, written } = running
      if (stopped === null || !written)
        return unproved('She is idle, and her transcript does not tell how this ended')
      const last = stopped.trim()
      const whole = last === '' ? reply === '' : reply.trimEnd().endsWith(last)
      return whole
        ? answered('hook:Stop')
        : unproved('It stopped, but its transcript does not hold the end of its reply')
    },
    begin: (id) => {
      turn = id
      spending.begin(id)
    },
    entered: () => {},
    answered: () => {},
    ended: () => {
      turn = null
      prompts.disown()
    },
    seed: () => (session ? `${JSON.stringify(startOf(session))}\n` : ''),
    now: () => ({ ready: started && prompts.now() === null, bracketed: true, prompt: '' }),
  }
}

const startOf = (session: { id: string; transcript: string; cwd: string }) => ({
  hook_event_name: 'SessionStart',
  session_id: session.id,
  transcript_path: session.transcript,
  cwd: session.cwd,
  source: 'compact',
})
