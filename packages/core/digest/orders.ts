import type { Item } from '../inbox/item.ts'
import { plain } from '../triage/outcome.ts'

const SHOWN_CHARS = 60

/**
 * What in an item's text speaks to the program that will judge it, or null: orders to forget its
 * orders, forged marks of ours or of a conversation, our verbs, verdicts. Such an item is decided
 * without Luci. It is a sieve and no wall, the more so in other languages: what gets through meets
 * the rules' floor and the rights of a digest turn. Pure.
 */
export const orderIn = (item: Item): string | null => {
  const { task, cause, excerpt } = item.detail
  const texts = [item.source, item.sourceId, item.message, task, cause, excerpt]
  for (const text of texts) {
    const order = typeof text === 'string' ? orderInText(text) : null
    if (order) return order
  }
  return null
}

/** The same of any text. */
export const orderInText = (text: string): string | null => {
  // Without what hides a word from us and not from a model: invisible characters, wide letters.
  const words = plain(text.slice(0, LOOKED_AT_CHARS)).normalize('NFKC').replace(/\s+/g, ' ')
  for (const sign of signs) {
    const found = sign.exec(words)?.[0]
    if (found) return found.slice(0, SHOWN_CHARS).trim()
  }
  return null
}

/** More than a message may hold, or a page of rows. */
const LOOKED_AT_CHARS = 200_000

const signs: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|orders|guidelines|directions|context)\b/i,
  /\b(?:new|updated|real|actual|following) (?:instructions?|orders|system prompt)\b/i,
  /\bsystem (?:prompt|message|override|instructions?)\b/i,
  /\byou are (?:now |no longer )?(?:luci|an? (?:ai|assistant|agent|language model|helpful))\b/i,
  /\b(?:note|message|attention|instructions?|important)\b.{0,10}\b(?:to|for|:) ?(?:the )?(?:ai|assistant|agent|luci|llm|language model)\b/i,
  /\bluci\b.{0,20}\b(?:please|must|should|shall|need to|run|execute|resolve|mark|call|reply)\b/i,
  /<\/?\s*(?:system|assistant|tool_?(?:call|use|result)s?|function_?(?:call|result)s?|invoke|instructions?)\b[^>]*>/i,
  /<\|[a-z_]{2,30}\|>|\[\/?INST\]|<<\/?SYS>>|#{2,} ?(?:system|assistant|instruction)\b/i,
  /\[mc [0-9a-f]{6}\]|\bmc (?:inbox|ticket|turn|notify|propose|answer|luci|sign-in)\b|--turn [0-9a-f]{6}\b/i,
  /\b(?:inbox_resolve|turn_show|ticket_(?:create|comment|move|delegate)|mcp__mission)/i,
  /<<<[0-9a-f]{6,}|\b[0-9a-f]{6,}>>>/i,
  /["']?(?:action|verdict)s?["']? ?: ?(?:\[ ?\{|["'](?:silent|ticket|alert)\b)/i,
  /\b(?:resolve|mark|classify|treat|judge|set|settle|report)\b.{0,40}\b(?:items?|everything|all|others?|digest|it|this)\b.{0,40}\b(?:silent(?:ly)?|ignored?|as (?:ok|processed|resolved))\b/i,
]
