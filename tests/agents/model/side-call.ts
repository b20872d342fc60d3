import type { Asked, JsonSchema } from './conversation.ts'

const TITLE = 'Scripted work'

/** A harmless answer to a request beside the conversation, in the shape it asks for. */
export const shapedText = ({ schema }: Asked): string =>
  schema ? JSON.stringify(filled(schema)) : TITLE

const filled = (schema: JsonSchema): unknown => {
  if (schema.enum) return schema.enum[0]
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, filled(inner)]),
      )
    case 'array':
      return []
    case 'boolean':
      return false
    case 'number':
    case 'integer':
      return 0
    default:
      return TITLE
  }
}
