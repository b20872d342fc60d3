import { plainText } from '../redaction/plain.ts'
import { createRedactor } from '../redaction/redact.ts'
import type { Content, Step } from './proposal.ts'

const redact = createRedactor()

/** Text as it may be stored and shown: nothing invisible, no secret. */
export const block = (text: string): string => redact(plainText(text)).trim()

/** The same in one line. */
export const line = (text: string): string => block(text).replace(/\s+/g, ' ')

/**
 * A proposal as it is stored: no terminal sequences, no secrets, titles in one line, each blocker
 * named once, fields that say nothing left out. Pure; what reads the same becomes the same.
 */
export const cleanContent = (content: Content): Content => ({
  title: line(content.title),
  ...optional('summary', content.summary && block(content.summary)),
  steps: content.steps.map(cleanStep),
  ...(content.questions?.length
    ? {
        questions: content.questions.map(({ text, options }) => ({
          text: line(text),
          ...(options?.length ? { options: options.map(line) } : {}),
        })),
      }
    : {}),
  ...optional('parent', content.parent),
})

export const cleanStep = (step: Step): Step => {
  if (step.do === 'file')
    return {
      do: 'file',
      name: step.name,
      title: line(step.title),
      ...optional('body', step.body && block(step.body)),
      ...(step.priority && step.priority !== 'normal' ? { priority: step.priority } : {}),
      ...list('labels', step.labels?.map(line)),
      ...optional('due', step.due),
      ...list('after', step.after),
      risk: step.risk,
      does: step.does,
      ...optional('folder', step.folder && line(step.folder)),
      ...(step.review === undefined ? {} : { review: step.review }),
    }
  if (step.do === 'delegate')
    return {
      do: 'delegate',
      name: step.name,
      ticket: step.ticket,
      risk: step.risk,
      ...optional('folder', step.folder && line(step.folder)),
      ...(step.review === undefined ? {} : { review: step.review }),
    }
  if (step.do === 'close')
    return {
      do: 'close',
      name: step.name,
      ticket: step.ticket,
      status: step.status,
      ...optional('resolution', step.resolution),
      ...optional('why', step.why && block(step.why)),
    }
  return {
    do: 'alert',
    name: step.name,
    title: line(step.title),
    ...optional('text', step.text && block(step.text)),
    ...(step.severity === 'critical' ? { severity: step.severity } : {}),
  }
}

const optional = <Name extends string, T>(name: Name, value: T | '' | undefined) =>
  (value ? { [name]: value } : {}) as { [K in Name]?: T }

const list = <Name extends string>(name: Name, values: string[] | undefined) =>
  optional(name, values?.some(Boolean) ? [...new Set(values.filter(Boolean))] : undefined)
