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
 * TypeBox writes an enum without its type. JSON Schema allows that; what Gemini and Codex send on
 * to their models does not.
 */
const plain = (schema: Json): Json => {
  const { properties, items, ...rest } = schema
  return {
    ...(Array.isArray(rest.enum) && rest.type === undefined ? { type: 'string' } : {}),
    ...rest,
    ...(properties ? { properties: plainProperties(schema as ObjectSchema) } : {}),
    ...(items ? { items: plain(items as Json) } : {}),
  }
}
