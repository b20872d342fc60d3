type Schema = Record<string, unknown>

/**
 * A value that a schema takes, from its own examples where it has them: what a shape without an
 * example of its own is shown with. `known` are the components by name.
 */
export const sampleOf = (schema: Schema | undefined, known: Record<string, Schema>): unknown => {
  if (!schema) return null
  if (typeof schema.$ref === 'string')
    return sampleOf(known[schema.$ref.split('/').at(-1) ?? ''], known)
  if (schema.example !== undefined) return schema.example
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (Array.isArray(schema.enum)) return schema.enum[0]
  for (const way of ['anyOf', 'oneOf', 'allOf'])
    if (Array.isArray(schema[way])) return sampleOf((schema[way] as Schema[])[0], known)
  if (schema.type === 'object') {
    const properties = (schema.properties ?? {}) as Record<string, Schema>
    return Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, sampleOf(one, known)]),
    )
  }
  if (schema.type === 'array') return [sampleOf(schema.items as Schema, known)]
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1
  if (schema.type === 'boolean') return true
  if (schema.type === 'string') return 'text'
  return null
}
