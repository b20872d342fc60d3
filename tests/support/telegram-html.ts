/** The kinds of tags that we use, of those that Telegram knows. */
const tags = ['b', 'i', 's', 'u', 'a', 'code', 'pre', 'blockquote']
const tag = /<(\/?)([a-z]+)(?: (?:href="[^"<>]*"|class="language-[\w+#-]+"))?>/g

/**
 * What Telegram checks: tags it knows, closed in order, nothing inside of code, no block in itself;
 * every other `<`, `>` and `&` escaped.
 */
export const isTelegramHtml = (text: string): boolean => {
  const open: string[] = []
  for (const [, slash, name = ''] of text.matchAll(tag)) {
    if (!tags.includes(name)) return false
    if (slash === '/') {
      if (open.pop() !== name) return false
      continue
    }
    const inPre = open.includes('pre')
    if (open.includes('code') || (inPre && name !== 'code') || open.includes(name)) return false
    open.push(name)
  }
  const rest = text.replace(tag, '').replace(/&(?:lt|gt|amp|quot);/g, '')
  return open.length === 0 && !/[<>&]/.test(rest)
}

/** What a person reads of it. */
export const wordsOf = (html: string): string =>
  html
    .replace(tag, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
