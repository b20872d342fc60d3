/** How a piece of text looks. A code block stands alone: Telegram nests nothing in it. */
export type Mark =
  | 'b'
  | 'i'
  | 's'
  | 'u'
  | 'code'
  | 'blockquote'
  | { pre: string | null }
  | { href: string }

/** Text with its marks, the outermost first. Text in a row of these is never HTML. */
export type Run = { text: string; marks: readonly Mark[] }

/** Telegram's limit, counted here after escaping and with the tags: the stricter reading. */
export const HTML_CHARS_MAX = 4_096
/** Room for a line before a text that may have been sent already. */
export const PART_CHARS_MAX = 4_000
/** A longer address is left out, so that the tags around a text always leave room for it. */
const HREF_CHARS_MAX = 1_000
/** No break is looked for before this share of a message. */
const FULL_ENOUGH = 0.5

/**
 * The text as messages of Telegram's HTML, none longer than `max`, each well-formed by itself: a
 * mark that reaches over a cut is closed before it and opened again after it. Cuts fall between
 * paragraphs, lines or words where they can, and never inside a character. Nothing is lost but
 * messages that would be all white space.
 */
export const toMessages = (runs: readonly Run[], max: number = PART_CHARS_MAX): string[] => {
  const given = runs.map(tame).filter((run) => run.text !== '')
  const messages: string[] = []
  let rest = given
  while (rest.length > 0) {
    const fits = howMuchFits(rest, max)
    const text = rest.map((run) => run.text).join('')
    const cut = fits < text.length ? goodCut(text, fits) : fits
    const [now, later] = divide(rest, cut)
    if (now.some((run) => run.text.trim() !== '')) messages.push(toHtml(now))
    rest = later
  }
  return messages
}

/** The whole as one piece of HTML, however long. */
export const toHtml = (runs: readonly Run[]): string => {
  let html = ''
  let open: readonly Mark[] = []
  for (const run of runs) {
    html += between(open, run.marks) + escapeText(run.text)
    open = run.marks
  }
  return html + between(open, [])
}

export const escapeText = (text: string): string =>
  text.replace(/[&<>]/g, (char) => escapes[char] ?? char)

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** How many UTF-16 units of the text fit into a message with the tags that they need. */
const howMuchFits = (runs: readonly Run[], max: number): number => {
  let length = 0
  let taken = 0
  let open: readonly Mark[] = []
  for (const { text, marks } of runs) {
    const end = between(marks, []).length
    let next = length + between(open, marks).length
    for (const char of text) {
      const cost = escapes[char] && char !== '"' ? (escapes[char]?.length ?? 1) : char.length
      if (next + cost + end > max) return taken
      next += cost
      taken += char.length
    }
    length = next
    open = marks
  }
  return taken
}

/** The latest place to cut, at most `fits`, where a reader would: after a paragraph, line or word. */
const goodCut = (text: string, fits: number): number => {
  const head = text.slice(0, fits)
  const earliest = fits * FULL_ENOUGH
  for (const mark of ['\n\n', '\n', ' ']) {
    const at = head.lastIndexOf(mark)
    if (at >= earliest) return at + mark.length
  }
  return wholeCharacters(text, fits)
}

/** What a reader takes for one character (an emoji of several, a letter with its accents) stays one. */
const wholeCharacters = (text: string, fits: number): number => {
  const near = Math.max(0, fits - 64)
  let cut = near
  for (const { index, segment } of graphemes.segment(text.slice(near, fits + 64))) {
    if (near + index + segment.length > fits) break
    cut = near + index + segment.length
  }
  return cut > near ? cut : fits
}

const graphemes = new Intl.Segmenter()

const divide = (runs: readonly Run[], at: number): [Run[], Run[]] => {
  const now: Run[] = []
  const later: Run[] = []
  let passed = 0
  for (const run of runs) {
    const here = Math.max(0, Math.min(run.text.length, at - passed))
    if (here > 0) now.push({ ...run, text: run.text.slice(0, here) })
    if (here < run.text.length) later.push({ ...run, text: run.text.slice(here) })
    passed += run.text.length
  }
  return [now, later]
}

/** The tags that lead from one set of marks to the next. */
const between = (from: readonly Mark[], to: readonly Mark[]): string => {
  let same = 0
  while (same < from.length && same < to.length && isSame(from[same], to[same])) same++
  return [...from.slice(same).reverse().map(closing), ...to.slice(same).map(opening)].join('')
}

/** The same address twice in a row is one link; two code blocks in a row are two. */
const isSame = (a: Mark | undefined, b: Mark | undefined): boolean =>
  a === b ||
  (typeof a === 'object' &&
    typeof b === 'object' &&
    'href' in a &&
    'href' in b &&
    a.href === b.href)

const opening = (mark: Mark): string => {
  if (typeof mark === 'string') return `<${mark}>`
  if ('href' in mark) return `<a href="${escapeText(mark.href).replaceAll('"', '&quot;')}">`
  return mark.pre === null ? '<pre>' : `<pre><code class="language-${mark.pre}">`
}

const closing = (mark: Mark): string => {
  if (typeof mark === 'string') return `</${mark}>`
  if ('href' in mark) return '</a>'
  return mark.pre === null ? '</pre>' : '</code></pre>'
}

/** Marks that Telegram takes: no address but of the web, a language that is a word, code alone. */
const tame = (run: Run): Run => {
  const marks = run.marks.flatMap((mark): Mark[] => {
    if (typeof mark === 'string') return [mark]
    if ('href' in mark)
      return /^https?:\/\//i.test(mark.href) && opening(mark).length <= HREF_CHARS_MAX ? [mark] : []
    if (mark.pre === null || /^[\w+#-]{1,30}$/.test(mark.pre)) return [mark]
    return [{ pre: null }]
  })
  const block = marks.find((mark) => typeof mark === 'object' && 'pre' in mark)
  if (block) return { text: run.text, marks: [block] }
  // One of each: the same inside itself means nothing.
  const kinds = new Set<string>()
  const once = marks.filter((mark) => {
    const kind = typeof mark === 'string' ? mark : 'a'
    return !kinds.has(kind) && kinds.add(kind)
  })
  const code = once.indexOf('code')
  // Inline code goes with a quotation around it and with nothing else.
  return {
    text: run.text,
    marks: code < 0 ? once : [...once.filter((mark) => mark === 'blockquote'), 'code'],
  }
}
