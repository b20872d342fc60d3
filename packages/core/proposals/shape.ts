import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { AlertStep, CloseStep, Content, DelegateStep, FileStep } from './proposal.ts'

const kinds: Record<string, TSchema> = {
  file: FileStep,
  delegate: DelegateStep,
  close: CloseStep,
  alert: AlertStep,
}

/** Some models write null for what they leave out; nothing in a proposal takes it for a value. */
export const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([name, one]) => [name, withoutNulls(one)]),
  )
}

/**
 * What is wrong with the shape of a content, each in a sentence that names the step: a schema of
 * four alternatives would say of every step what the other three expect. Empty: it has the shape.
 * Pure.
 */
export const shapeMistakes = (content: Record<string, unknown>): string[] => {
  const { steps, ...rest } = content
  const { steps: _, ...properties } = Content.properties
  const found = Object.entries(properties).flatMap(([name, schema]) =>
    name in rest ? mistakes(schema as TSchema, rest[name], name) : [],
  )
  if (!('title' in rest)) found.unshift('there is no title')
  for (const name of Object.keys(rest))
    if (!Object.hasOwn(properties, name)) found.push(`there is no field ${name.slice(0, 40)}`)
  if (!Array.isArray(steps)) return [...found, 'steps must be a list of steps']
  if (steps.length < 1 || steps.length > 40)
    found.push(`there are 1 to 40 steps in a proposal, got ${steps.length}`)
  return [...found, ...steps.flatMap(stepMistakes)]
}

const stepMistakes = (step: unknown, n: number): string[] => {
  if (typeof step !== 'object' || step === null) return [`step ${n + 1} is no object`]
  const { do: what, name } = step as { do?: unknown; name?: unknown }
  const called = typeof name === 'string' ? `step "${name.slice(0, 30)}"` : `step ${n + 1}`
  const schema = typeof what === 'string' && Object.hasOwn(kinds, what) ? kinds[what] : undefined
  if (!schema)
    return [`${called}: "do" is file, delegate, close or alert, got ${JSON.stringify(what)}`]
  return mistakes(schema, step, called)
}

const mistakes = (schema: TSchema, value: unknown, where: string): string[] =>
  Value.Errors(schema, value)
    .filter(({ keyword, message }) => keyword !== 'boolean' && message !== 'schema is false')
    .map(({ keyword, instancePath, message, params }) => {
      const field = instancePath.slice(1).replaceAll('/', '.')
      const { allowedValues, additionalProperties, requiredProperties } = params as {
        allowedValues?: unknown[]
        additionalProperties?: string[]
        requiredProperties?: string[]
      }
      const said = additionalProperties
        ? `there is no field ${additionalProperties.join(', ')}`
        : requiredProperties
          ? `${requiredProperties.join(', ')} is missing`
          : allowedValues
            ? `must be ${allowedValues.join(', ')}`
            : keyword === 'pattern' && field === 'name'
              ? 'must be lower-case letters, digits and dashes, at most 30'
              : message
      return `${where}: ${field ? `${field} ` : ''}${said}`
    })
