/** What a request of any protocol comes to: who said what, and what may be called. */
export type Asked = {
  /** The model's name in the request. */
  model: string
  /** System prompt, joined. */
  system: string
  /** The last words of the person, without what the program itself adds to them. */
  person: string
  /** What tools gave since those words, oldest first. */
  results: string[]
  tools: Tool[]
  stream: boolean
  /** The shape a side call wants its answer in; null for prose. */
  schema: JsonSchema | null
}

export type JsonSchema = {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  required?: string[]
  enum?: unknown[]
}

export type Tool = {
  name: string
  /** The group a program files it under, beside its name; only Codex has them. */
  namespace?: string
  parameters: JsonSchema
}

export type Said =
  | { by: 'person'; texts: string[] }
  | { by: 'model' }
  | { by: 'tool'; text: string }

/** What the script listens for; see README.md in the folder above. */
export const directive =
  /(?:^|[^A-Z])(?:(?:ECHO|LINES|SLOW|TOOL|ESCALATE|ASK|ERROR|MCP|CHAIN|TRIAGE):|MARKDOWN\b)|\brun: mc turn show /

/**
 * The person's last words and the tool results since, oldest first. Claude sends words that were
 * never answered along with the next ones, as parts of one message: the last directive counts.
 */
export const lastExchange = (said: readonly Said[]): { person: string; results: string[] } => {
  let person = ''
  let results: string[] = []
  for (const one of said) {
    if (one.by === 'tool') results.push(one.text)
    if (one.by !== 'person') continue
    const words = one.texts.map(withoutReminders).filter(Boolean)
    if (words.length === 0) continue
    person = words.findLast((text) => directive.test(text)) ?? words.at(-1) ?? ''
    results = []
  }
  return { person, results }
}

/** Programs wrap what they add in tags of their own; a paste in a tag is still the person's. */
const withoutReminders = (text: string): string => {
  const rest = text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim()
  const wrapped = /^<([a-z][\w-]*)[^>]*>[\s\S]*<\/\1>$/.exec(rest)
  if (wrapped && wrapped[1] !== 'pasted_content') return ''
  return rest.startsWith('# AGENTS.md instructions') ? '' : rest
}

/** Text of a content that is a string, or a list of parts with a `text`. */
export const textsOf = (content: unknown): string[] => {
  if (typeof content === 'string') return [content]
  if (!Array.isArray(content)) return []
  return content.flatMap((part: { text?: unknown }) =>
    typeof part?.text === 'string' ? [part.text] : [],
  )
}
