import {
  AlertStep,
  CloseStep,
  type Content,
  DelegateStep,
  FileStep,
  type Proposal,
  type Step,
} from '@mc/core/proposals/proposal.ts'
import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

/** A step as its part of the form has it: every field a text, an empty one says nothing. */
export type DraftStep = {
  name: string
  do: Step['do']
  /** Ticked. */
  take: boolean
  /** Luci did not propose it. */
  added: boolean
  fields: Record<string, string>
}

/** A proposal's form as it was sent, or as it is first shown; nothing is checked yet. */
export type Draft = {
  version: number
  /** The last edit of its tickets that the form was shown with. */
  seen: number
  title: string
  summary: string
  steps: DraftStep[]
  /** To the questions, in their order. */
  answers: string[]
  /** What Luci is told with changes asked for, or with a refusal. */
  note: string
}

type Body = Record<string, string | string[] | undefined>

/** Of each kind, what a person may edit. The ticket of a step is what the step is about. */
const editable: Record<Step['do'], readonly string[]> = {
  file: ['title', 'body', 'priority', 'labels', 'due', 'after', 'risk', 'does', 'folder', 'review'],
  delegate: ['risk', 'folder', 'review'],
  close: ['status', 'resolution', 'why'],
  alert: ['title', 'text', 'severity'],
}
const lists = ['labels', 'after']
const ADDED = /^added-\d{1,3}$/
/** As many as one proposal has. */
const STEPS_MAX = 40

/** The form of a proposal that nobody has edited yet: all of it is ticked. */
export const draftOf = ({ version, content }: Proposal): Draft => ({
  version,
  seen: 0,
  title: content.title,
  summary: content.summary ?? '',
  steps: content.steps.map((step) => ({
    name: step.name,
    do: step.do,
    take: true,
    added: false,
    fields: fieldsOf(step),
  })),
  answers: (content.questions ?? []).map(() => ''),
  note: '',
})

export const fieldsOf = (step: Step): Record<string, string> => {
  const values = step as Record<string, unknown>
  return Object.fromEntries(
    editable[step.do].map((field) => {
      const value = values[field]
      if (field === 'review') return [field, value === undefined ? '' : value ? 'yes' : 'no']
      if (field === 'priority' || field === 'severity') return [field, String(value ?? 'normal')]
      return [field, Array.isArray(value) ? value.join(', ') : String(value ?? '')]
    }),
  )
}

/** What was sent. Steps keep the order of the form; one that the proposal does not know is new. */
export const readDraft = (given: unknown, { content }: Proposal): Draft => {
  const body = (given ?? {}) as Body
  const text = (name: string) => String([body[name] ?? ''].flat().at(-1)).replaceAll('\r\n', '\n')
  const known = new Map(content.steps.map((step) => [step.name, step]))
  const names = [...new Set([body.step ?? []].flat())]
    .filter((name) => known.has(name) || ADDED.test(name))
    .slice(0, STEPS_MAX)
  const missing = content.steps.filter(({ name }) => !names.includes(name)).map(({ name }) => name)
  return {
    version: Number(text('version')),
    seen: Number(text('seen')) || 0,
    title: text('title').trim(),
    summary: text('summary').trim(),
    steps: [...names, ...missing].map((name) => {
      const step = known.get(name)
      const what = step?.do ?? 'file'
      const sent = names.includes(name)
      return {
        name,
        do: what,
        take: text(`${name}.take`) !== '',
        added: !step,
        fields:
          step && !sent
            ? fieldsOf(step)
            : Object.fromEntries(
                editable[what].map((field) => {
                  const value = text(`${name}.${field}`).trim()
                  return [field, field === 'title' ? value.replace(/\s+/g, ' ') : value]
                }),
              ),
      }
    }),
    answers: (content.questions ?? []).map((_, at) => text(`answer.${at}`).trim()),
    note: text('note').trim(),
  }
}

/** The draft with the step one place further up or down. */
export const moveStep = (draft: Draft, name: string, by: 1 | -1): Draft => {
  const steps = [...draft.steps]
  const at = steps.findIndex((step) => step.name === name)
  const [step] = at < 0 ? [] : steps.splice(at, 1)
  if (step) steps.splice(Math.max(0, at + by), 0, step)
  return { ...draft, steps }
}

/** The draft with an empty step at its end. */
export const addStep = (draft: Draft): Draft => {
  const taken = new Set(draft.steps.map(({ name }) => name))
  let number = 1
  while (taken.has(`added-${number}`)) number++
  const fields = { ...Object.fromEntries(editable.file.map((field) => [field, ''])) }
  const step: DraftStep = {
    name: `added-${number}`,
    do: 'file',
    take: true,
    added: true,
    fields: { ...fields, priority: 'normal', risk: 'low', does: 'person' },
  }
  return draft.steps.length >= STEPS_MAX ? draft : { ...draft, steps: [...draft.steps, step] }
}

export const removeStep = (draft: Draft, name: string): Draft => ({
  ...draft,
  steps: draft.steps.filter((step) => !(step.added && step.name === name)),
})

/** Two words for the same thing in a list of names: a step may be named as it is titled. */
const split = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const stepOf = (draft: DraftStep, given: Step | undefined): Step => {
  const step: Record<string, unknown> = {
    do: draft.do,
    name: draft.name,
    ...(given && 'ticket' in given ? { ticket: given.ticket } : {}),
  }
  for (const [field, value] of Object.entries(draft.fields)) {
    if (value === '') continue
    step[field] = lists.includes(field)
      ? split(value).map((one) => (/^mc-\d+$/i.test(one) ? one.toUpperCase() : one))
      : field === 'review'
        ? value === 'yes'
        : value
  }
  return step as Step
}

/** The ticked steps as they now read. It may be wrong: see `wrongIn`. */
export const contentOf = (draft: Draft, { content }: Proposal): Content => ({
  title: draft.title,
  ...(draft.summary ? { summary: draft.summary } : {}),
  steps: draft.steps
    .filter(({ take }) => take)
    .map((step) =>
      stepOf(
        step,
        content.steps.find(({ name }) => name === step.name),
      ),
    ),
  ...(content.questions ? { questions: content.questions } : {}),
  ...(content.parent ? { parent: content.parent } : {}),
})

const schemas: Record<Step['do'], TSchema> = {
  file: FileStep,
  delegate: DelegateStep,
  close: CloseStep,
  alert: AlertStep,
}

/** What is wrong with the form of a content, in words; what needs the tickets is judged by core. */
export const wrongIn = (content: Content): string[] => [
  ...(content.title === '' ? ['The proposal has no title.'] : []),
  ...(content.title.length > 200
    ? ['The title of the proposal is longer than 200 characters.']
    : []),
  ...((content.summary?.length ?? 0) > 8_000
    ? ['The summary is longer than 8,000 characters.']
    : []),
  ...(content.steps.length === 0
    ? ['No step is chosen. Tick what you want, or refuse the proposal.']
    : []),
  ...content.steps.flatMap((step) => {
    const title = 'title' in step && step.title ? `“${step.title.slice(0, 60)}”` : `“${step.name}”`
    const fields = Value.Errors(schemas[step.do] ?? Type.Never(), step).map(
      ({ instancePath, params }) =>
        instancePath.split('/')[1] ??
        (params as { requiredProperties?: string[] }).requiredProperties?.[0] ??
        '',
    )
    return [...new Set(fields)].map((field) => `${title}: ${words[field] ?? 'cannot be read.'}`)
  }),
]

const words: Record<string, string> = {
  title: 'its title is empty, or longer than 200 characters.',
  body: 'its description is longer than 20,000 characters.',
  labels: 'it has more than 20 labels, or one is longer than 50 characters.',
  due: 'the day it is due is none; write it as 2026-12-01.',
  after: 'it waits for something that is neither a step nor a ticket; write names like MC-12.',
  folder: 'its folder is longer than 1,000 characters.',
  risk: 'its risk is low, medium or high.',
  does: 'it is done by a person, Luci or a worker.',
  priority: 'its priority is critical, normal or low.',
  why: 'why it is closed is longer than 2,000 characters.',
  text: 'its text is longer than 4,000 characters.',
}

/** The answers as a text, each below its question; empty when none was given. */
export const answersIn = (draft: Draft, { content }: Proposal): string =>
  (content.questions ?? [])
    .flatMap(({ text }, at) => {
      const answer = draft.answers[at]
      return answer ? [`${text}\n→ ${answer}`] : []
    })
    .join('\n\n')
