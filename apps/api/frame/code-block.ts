/** Code with its language and, where script runs, a button that copies it. Both arguments are plain text. */
export const codeBlock = (code: string, language: string): string => {
  const label = /^[\w+#.-]{1,30}$/.test(language) ? language : ''
  return `<div class="code"><p class="code-head"><span>${escapeHtml(label || 'text')}</span><button type="button" class="small plain" data-copy-code>Copy</button></p><pre tabindex="0"><code>${escapeHtml(code)}</code></pre></div>\n`
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => entities[letter] ?? letter)

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
