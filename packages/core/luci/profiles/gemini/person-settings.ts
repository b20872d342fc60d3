import { readFileSync } from 'node:fs'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../../../errors.ts'

const Any = Type.Record(Type.String(), Type.Unknown())

/** Of its settings only what ours are added to; the rest is kept as it is. */
const Settings = Type.Object({
  security: Type.Optional(
    Type.Object({
      auth: Type.Optional(Type.Object({ selectedType: Type.Optional(Type.String()) })),
    }),
  ),
  context: Type.Optional(
    Type.Object({
      fileName: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    }),
  ),
  hooksConfig: Type.Optional(
    Type.Object({
      enabled: Type.Optional(Type.Boolean()),
      notifications: Type.Optional(Type.Boolean()),
    }),
  ),
  hooks: Type.Optional(Type.Record(Type.String(), Type.Array(Type.Unknown()))),
  mcpServers: Type.Optional(Any),
  policyPaths: Type.Optional(Type.Array(Type.String())),
})
export type Settings = Static<typeof Settings>

/** Empty when there are none. Throws `unavailable` when they are not what the program takes. */
export const readPersonSettings = (path: string): Settings => {
  const settings = valueAt(path)
  if (Value.Check(Settings, settings)) return settings
  const [error] = Value.Errors(Settings, settings)
  const where = error ? ` (${error.instancePath || '/'}: ${error.message})` : ''
  throw new AppError('unavailable', `Gemini CLI's settings ${path} cannot be read${where}`, {
    hint: 'Run "gemini" yourself once; it says what is wrong with them. Then start Luci.',
  })
}

/** How to sign in, as it was chosen in her pane at a first start; null when it was not. */
export const chosenAuth = (path: string): string | null => {
  const settings = valueAt(path)
  return Value.Check(Settings, settings) ? (settings.security?.auth?.selectedType ?? null) : null
}

const valueAt = (path: string): unknown => {
  const text = readOrNull(path)
  return text === null ? {} : parsed(text)
}

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** JSON with comments, as the program takes it; undefined when it is none. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(
      text.replace(
        /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
        (_all, quoted) => quoted ?? '',
      ),
    )
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
