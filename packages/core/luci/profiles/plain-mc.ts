/**
 * `mc`, then words that a shell takes as they stand, or in quotes, where it expands nothing: in
 * double ones without `$`, a backtick, a backslash or `!`.
 */
const plainMc = /^mc(?: +(?:[\w./:=@%+,-]|'[^']*'|"[^"$`\\!]*")+)*$/

/**
 * Whether a shell command is one call of `mc` and nothing else: no other command before, behind or
 * inside it, no redirection, no expansion.
 */
export const isPlainMc = (command: unknown): boolean =>
  typeof command === 'string' && plainMc.test(command)
