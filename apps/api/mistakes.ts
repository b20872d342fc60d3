import type { FastifyError, FastifyRequest } from 'fastify'

type Mistake = NonNullable<FastifyError['validation']>[number]

/**
 * What a request's schema found wrong: a line for each field, under the name by which the request
 * gives it (`steps/0/title`), with what was expected and, of an address, what came.
 */
export const mistakesIn = (
  { validation = [], validationContext }: FastifyError,
  request?: FastifyRequest,
): string[] => {
  const telling = validation.filter((one) => !isEcho(one, validation))
  const byField = Map.groupBy(telling, ({ instancePath }) => instancePath)
  return [...byField].flatMap(([path, wrong]) => {
    const name = path.slice(1) || `the ${validationContext ?? 'request'}`
    const allowed = wrong.flatMap(allowedBy).filter((one) => one !== '')
    if (allowed.length === 0) return wrong.flatMap((one) => wordsOf(one, name, path, request))
    return `${name}: expected one of ${allowed.join(', ')}${cameAt(path, validationContext, request)}`
  })
}

/** A choice fails as a whole and in each of its parts, a field that is not known in two ways. */
const isEcho = ({ keyword, instancePath }: Mistake, all: readonly Mistake[]): boolean =>
  keyword === 'anyOf'
    ? all.some(
        (one) => one.keyword !== 'anyOf' && `${one.instancePath}/`.startsWith(`${instancePath}/`),
      )
    : keyword === 'boolean' && all.some((one) => one.keyword === 'additionalProperties')

const allowedBy = ({ keyword, params }: Mistake): unknown[] => {
  if (keyword === 'enum') return (params as { allowedValues: unknown[] }).allowedValues
  return keyword === 'const' ? [(params as { allowedValue: unknown }).allowedValue] : []
}

const wordsOf = (
  { keyword, message = 'is wrong', params }: Mistake,
  name: string,
  path: string,
  request?: FastifyRequest,
): string[] => {
  const { requiredProperties = [], additionalProperties = [] } = params as Record<string, string[]>
  const below = (field: string) => `${path}/${field}`.slice(1)
  if (keyword === 'required') return requiredProperties.map((one) => `${below(one)} is missing`)
  if (keyword === 'additionalProperties')
    return additionalProperties.map((one) => `${below(one)} is not known here`)
  // A pattern is for programs; whoever wrote it says beside it what it means.
  const meant = keyword === 'pattern' ? meaningOf(path, request) : null
  return meant === null ? [`${name} ${message}`] : [`${name}: expected ${meant}`]
}

const meaningOf = (path: string, request?: FastifyRequest): string | null => {
  const schema = request?.routeOptions.schema
  for (const part of [schema?.body, schema?.querystring, schema?.params]) {
    const { properties } = (part ?? {}) as { properties?: Record<string, { description?: string }> }
    const text = properties?.[path.slice(1)]?.description
    if (text) return text.charAt(0).toLowerCase() + text.slice(1)
  }
  return null
}

const SHOWN_CHARS = 60

/** Only what stood in the address: a body may hold what nobody should read over a shoulder. */
const cameAt = (path: string, part: string | undefined, request?: FastifyRequest): string => {
  const fields = part === 'querystring' ? request?.query : part === 'params' ? request?.params : {}
  const value = (fields as Record<string, unknown> | undefined)?.[path.slice(1)]
  return typeof value === 'string' ? `, got "${value.slice(0, SHOWN_CHARS).toWellFormed()}"` : ''
}
