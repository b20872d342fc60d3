import { tags } from './catalog/entry.ts'
import type { OpenApi, Operation } from './document.ts'

type Json = Record<string, unknown>

type Field = { name: string; type: string; isRequired: boolean; about: string }

/** The document as its page shows it: by tag, each operation with what it takes and gives. */
export const presentDocument = (document: OpenApi) => {
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  )
  const parts = document.components as unknown as Record<string, Record<string, Json>>
  const resolve = (value: Json): Json => {
    const [part = '', name = ''] = String(value.$ref ?? '')
      .replace('#/components/', '')
      .split('/')
    return parts[part]?.[name] ?? value
  }
  const problems = Object.values(parts.responses ?? {})
  return {
    problems: problems.map((one) => {
      const [media] = Object.values(one.content as Record<string, Json>)
      const example = media?.example as { status: number; code: string } | undefined
      return { status: example?.status, code: example?.code, about: String(one.description) }
    }),
    about: String(document.info.description ?? ''),
    sections: Object.entries(tags).map(([name, about]) => ({
      name,
      about,
      operations: all
        .filter(({ operation }) => operation.tags?.[0] === name)
        .map(({ path, method, operation }) => presentOperation(path, method, operation, resolve)),
    })),
    shapes: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      fields: fieldsOf(schema),
      example: pretty((schema.examples as unknown[] | undefined)?.[0]),
    })),
  }
}

const presentOperation = (
  path: string,
  method: string,
  operation: Operation,
  resolve: (value: Json) => Json,
) => {
  const answers = Object.entries(operation.responses)
  const [body] = Object.entries(operation.requestBody?.content ?? {})
  return {
    id: operation.operationId ?? '',
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    paragraphs: (operation.description ?? '').split('\n\n').filter((text) => text !== ''),
    isOpen: operation.security?.constructor === Array && (operation.security as []).length === 0,
    parameters: (operation.parameters ?? []).map((given): Field & { where: string } => {
      const one = resolve(given)
      return {
        name: String(one.name),
        where: String(one.in),
        type: typeOf(one.schema as Json),
        isRequired: one.required === true,
        // What is the same everywhere is told once, above.
        about: given.$ref === undefined ? String(one.description ?? '') : '',
      }
    }),
    body: body && {
      type: body[0],
      fields: fieldsOf(resolve((body[1].schema ?? {}) as Json)),
      example: pretty(body[1].example),
    },
    answers: answers
      .filter(([, given]) => given.$ref === undefined)
      .map(([status, given]) => {
        const [media] = Object.values((given.content ?? {}) as Record<string, Json>)
        const { $ref } = (media?.schema ?? {}) as { $ref?: string }
        return {
          status,
          about: String(given.description ?? ''),
          shape: $ref?.split('/').at(-1) ?? null,
          example: media ? pretty(media.example) : '',
        }
      }),
    problems: answers.filter(([, given]) => given.$ref !== undefined).map(([status]) => status),
  }
}

const fieldsOf = (schema: Json): Field[] => {
  const required = (schema.required ?? []) as string[]
  return Object.entries((schema.properties ?? {}) as Record<string, Json>).map(([name, one]) => ({
    name,
    type: typeOf(one),
    isRequired: required.includes(name),
    about: String(one.description ?? ''),
  }))
}

/** A type in a few words: `text`, `one of a, b`, `list of Ticket`. */
const typeOf = (schema: Json | undefined): string => {
  if (!schema) return ''
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? ''
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`
  const some = (schema.anyOf ?? schema.oneOf) as Json[] | undefined
  if (some) return some.map(typeOf).join(' or ')
  if (schema.const !== undefined) return String(schema.const)
  if (schema.type === 'array') return `list of ${typeOf(schema.items as Json)}`
  const names: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
  }
  const type = names[String(schema.type)] ?? String(schema.type ?? 'anything')
  return schema.maxLength
    ? `${type}, at most ${Number(schema.maxLength).toLocaleString('en')}`
    : type
}

const pretty = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2)
