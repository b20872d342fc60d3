import MarkdownIt from 'markdown-it'

/**
 * Text of people, programs and models as HTML: no raw HTML, no images (they would phone home), no
 * link but http, https, mailto and our own; `MC-12` becomes a link to its ticket.
 */
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('image')

markdown.validateLink = (url) => /^(https?:|mailto:|\/(?![/\\])|#)/i.test(url.trim())

markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false }).add('mc-', {
  validate: (text, position) => /^\d{1,15}(?![\w-])/.exec(text.slice(position))?.[0].length ?? 0,
  normalize: (match) => {
    match.url = `/tickets/${match.raw}`
  },
})

const renderLink = markdown.renderer.rules.link_open
markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  tokens[index]?.attrSet('rel', 'noopener noreferrer nofollow')
  return renderLink
    ? renderLink(tokens, index, options, env, self)
    : self.renderToken(tokens, index, options)
}

export const renderMarkdown = (text: string): string => markdown.render(text)
