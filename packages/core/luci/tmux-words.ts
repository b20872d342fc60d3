/** Texts as tmux reads them. Pure: everything that must be quoted or stripped is here. */

/**
 * What may reach a pane: no control character but newline and tab, C1 included, so that neither
 * `ESC[201~` nor a lone Ctrl-C can break out of a paste. CRLF and CR become newlines.
 */
export const plainInput = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .toWellFormed()

/** One word of a control-mode command line. Newlines and tabs become escapes: a line is a command. */
export const quoted = (text: string): string =>
  `"${text
    .replace(/[\\"$]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\t/g, '\\t')
    // tmux expands these when they begin a word.
    .replace(/^[~%{}#]/, (first) => `\\${first.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`

/** A path inside the shell command of `pipe-pane`, which tmux reads as a format and strftime first. */
export const shellPath = (path: string): string =>
  `'${path.replaceAll("'", `'\\''`)}'`.replaceAll('#', '##').replaceAll('%', '%%')

/** Text as it can be compared with a screen, which wraps, pads and colours: only what is visible. */
export const visible = (text: string): string => withoutEscapes(text).replace(/\s+/gu, '')

/** Without terminal escape sequences (CSI, OSC and other strings, two-byte ones). */
export const withoutEscapes = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^_`a-~])/g,
    '',
  )

/** The whole configuration of our private server; nothing of the person's own is read. */
export const tmuxConfig = `# Written by Mission Control at each start.
# Ending the last session must not end the server: creating the next one would race.
set -s exit-empty off
set -s escape-time 10
set -s set-clipboard off
# A dead program stays to be seen until it is restarted.
set -g remain-on-exit on
# Counts only for panes made after it is set. Nothing of ours reads history; people do.
set -g history-limit 20000
set -g default-terminal screen-256color
set -g allow-rename off
set -g automatic-rename off
# Fixed as soon as the session is there. ('manual' crashes the 3.3a server at new-session -x.)
set -g window-size latest
# Who attaches brings nothing of their environment along.
set -g update-environment ''
set -g mouse on
set -g status-style 'bg=default,fg=default,dim'
set -g status-left '#[bold] Luci '
set -g status-left-length 20
set -g status-right ' Mission Control · C-b d leaves, she stays '
set -g status-right-length 60
set -g window-status-current-format ''
set -g window-status-format ''
`
