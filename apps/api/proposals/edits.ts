import type { Content, Step } from '@mc/core/proposals/proposal.ts'
import { fieldsOf } from './draft.ts'

export type FieldEdit = { field: string; label: string; before: string; after: string }

export type StepEdit = {
  name: string
  title: string
  /** same: as Luci proposed it. */
  how: 'same' | 'edited' | 'added' | 'left_out'
  fields: FieldEdit[]
}

export const fieldLabels: Record<string, string> = {
  title: 'Title',
  body: 'Description',
  priority: 'Priority',
  labels: 'Labels',
  due: 'Due',
  after: 'Waits for',
  risk: 'Risk',
  does: 'Who does it',
  folder: 'Folder',
  review: 'Review first',
  status: 'Close as',
  resolution: 'Because',
  why: 'Why',
  text: 'Text',
  severity: 'Severity',
}

/** Where two versions of a step's fields differ. */
export const fieldEdits = (
  before: Record<string, string>,
  after: Record<string, string>,
): FieldEdit[] =>
  Object.keys(after)
    .filter((field) => (before[field] ?? '') !== (after[field] ?? ''))
    .map((field) => ({
      field,
      label: fieldLabels[field] ?? field,
      before: before[field] ?? '',
      after: after[field] ?? '',
    }))

export const stepTitle = (step: Step): string => {
  // A draft of one may have none yet.
  if (step.do === 'file') return step.title || 'A new step'
  if (step.do === 'alert') return `Tell you: ${step.title}`
  return step.do === 'close'
    ? `Close ${step.ticket} as ${step.status}`
    : `Hand ${step.ticket} to a worker`
}

/** Step by step what a person made of a proposal: theirs in their order, then what they left out. */
export const editsOf = (before: Content, after: Content): StepEdit[] => {
  const was = new Map(before.steps.map((step) => [step.name, step]))
  return [
    ...after.steps.map((step): StepEdit => {
      const old = was.get(step.name)
      was.delete(step.name)
      const fields = old ? fieldEdits(fieldsOf(old), fieldsOf(step)) : []
      const how = !old ? 'added' : fields.length > 0 ? 'edited' : 'same'
      return { name: step.name, title: stepTitle(step), how, fields }
    }),
    ...[...was.values()].map(
      (step): StepEdit => ({
        name: step.name,
        title: stepTitle(step),
        how: 'left_out',
        fields: [],
      }),
    ),
  ]
}
