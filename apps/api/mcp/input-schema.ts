import { type Tool, TurnArgument } from './tools.ts'

type Json = Record<string, unknown>

/** As much of a route's TypeBox schemas as says what it takes. */
export type RouteSchemas = { params?: unknown; querystring?: unknown; body?: unknown }

export type InputSchema = {
  type: 'object'
  properties: Record<string, Json>
  required?: string[]
  additionalProperties: false
}

/**
 * What a tool takes, from its route's own schemas: the parameters of the path, the query or the
 * body, and the turn. Without a turn a route that changes something refuses, so it is required there.
 */
export const inputSchema = (tool: Tool, schemas: RouteSchemas): InputSchema => {
  const path = objectSchema(schemas.params)
  const given = objectSchema(tool.method === 'GET' ? schemas.querystring : schemas.body)
  const named = (name: string) => tool.params?.[name] ?? name
  const required = [
    ...(tool.method === 'GET' ? [] : ['turn']),
    ...(path.required ?? []).map(named),
    ...(given.required ?? []),
  ]
  return {
    type: 'object',
    properties: {
      ...plainProperties(path, named),
      ...plainProperties(given),
      turn: plain({ ...TurnArgument }),
    },
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}

type ObjectSchema = { properties?: Record<string, Json>; required?: string[] }

const objectSchema = (schema: unknown): ObjectSchema => (schema ?? {}) as ObjectSchema

const plainProperties = (schema: ObjectSchema, named = (name: string) => name) =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, value]) => [named(name), plain(value)]),
  )

/**
 * A schema as the pickiest program takes it. TypeBox writes an enum without its type, which Gemini
 * and Codex do not send on; a choice between shapes (`anyOf`) and a constant reach some models and
 * not others, so a choice is one shape with the fields of all. The route's own schema judges.
 */
const plain = (schema: Json): Json => {
  const { properties, items, anyOf, const: only, ...rest } = schema
  if (Array.isArray(anyOf)) return { ...rest, ...plain(oneOf(anyOf as Json[])) }
  if (only !== undefined) return { type: 'string', enum: [only], ...rest }
  return {
    ...(Array.isArray(rest.enum) && rest.type === undefined ? { type: 'string' } : {}),
    ...rest,
    ...(properties ? { properties: plainProperties(schema as ObjectSchema) } : {}),
    ...(items ? { items: plain(items as Json) } : {}),
  }
}

/** One shape for several. What may be null is left out instead. */
const oneOf = (shapes: Json[]): Json => {
  const [first = {}, ...others] = shapes.filter(({ type }) => type !== 'null')
  if (others.length === 0) return first
  const kinds = [first, ...others] as (ObjectSchema & Json)[]
  const names = [...new Set(kinds.flatMap(({ properties = {} }) => Object.keys(properties)))]
  return {
    type: 'object',
    description: kinds.map(needs).join('; '),
    properties: Object.fromEntries(names.map((name) => [name, fieldOf(kinds, name)])),
    required: names.filter((name) => kinds.every(({ required = [] }) => required.includes(name))),
    additionalProperties: false,
  }
}

/** A field of several shapes: as the first has it that says most, its constants together. */
const fieldOf = (kinds: readonly ObjectSchema[], name: string): Json => {
  const found = kinds.flatMap(({ properties = {} }): Json[] => {
    const field = properties[name]
    return field ? [field] : []
  })
  const constants = found.flatMap((one) => (one.const === undefined ? [] : [one.const]))
  if (constants.length === found.length) return { type: 'string', enum: constants }
  return found.find(({ description }) => description !== undefined) ?? found[0] ?? {}
}

/** `do "close" takes name, ticket, status, and if you like resolution, why`. */
const needs = ({ properties = {}, required = [] }: ObjectSchema): string => {
  const [mark, value] = Object.entries(properties).find(([, one]) => one.const !== undefined) ?? []
  const others = Object.keys(properties).filter((name) => name !== mark)
  const optional = others.filter((name) => !required.includes(name))
  const must = others.filter((name) => required.includes(name)).join(', ')
  return `${mark} "${value?.const}" takes ${must}${optional.length > 0 ? `, and if you like ${optional.join(', ')}` : ''}`
}
