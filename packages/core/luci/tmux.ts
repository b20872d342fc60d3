import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { openControlClient } from './control-client.ts'
import { type ControlEvent, createPaneDecoder } from './control-parser.ts'
import type { Sight } from './profiles/screen.ts'
import { socketPathOf } from './socket.ts'
import { plainInput, quoted, shellPath, tmuxConfig } from './tmux-words.ts'

const run = promisify(execFile)

/** The program that runs in the pane, and the file that takes every byte it writes there. */
export type Program = {
  argv: readonly string[]
  cwd: string
  env: Record<string, string>
  /** Null when the program keeps its own record. */
  stream: string | null
}

/** What stands on the pane at one moment. */
export type Look = {
  dead: boolean
  /** Copy mode, where keys are lost without an error. */
  inMode: boolean
  pid: number
  /** The foreground program's name. */
  command: string
  /** Whether the stream file is still being written. */
  piped: boolean
  /** The screen from its top to the line of the cursor, wrapped lines joined. */
  screen: string
  /** The whole of it, when that was asked for. */
  sight: Sight | null
}

export type PaneListener = {
  output(text: string, byteCount: number): void
  dead(): void
}

const SESSION = 'luci'
const size = ['-x', '200', '-y', '50']

/** tmux itself: one private server, one session. The only place that knows its commands. */
export const createTmux = ({
  socket,
  configFile,
  env,
}: {
  /** A name for `-L`, or a path for `-S`. */
  socket: string
  configFile: string
  env: Record<string, string>
}) => {
  const address = socket.includes('/') ? ['-S', socket] : ['-L', socket]
  // -u: without it tmux replaces every wide character when the locale is not UTF-8.
  const base = ['-u', ...address, '-f', configFile]
  const call = async (...args: string[]) =>
    (await run('tmux', [...base, ...args], { env, encoding: 'utf8' })).stdout.trimEnd()
  const succeeds = async (...args: string[]) => {
    try {
      await call(...args)
      return true
    } catch (error) {
      // It says no by its exit code; a tmux that cannot be run is another matter.
      if ((error as { code?: unknown }).code === 1) return false
      throw error
    }
  }
  /** The process groups of the programs that live, of all panes or one: each leads its own. */
  const groupsIn = async (pane: string | null = null): Promise<number[]> => {
    const format = '#{pane_dead} #{pane_id} #{pane_pid}'
    const lines = await call('list-panes', '-s', '-t', `=${SESSION}`, '-F', format)
    return lines.split('\n').flatMap((line) => {
      const [dead, id, pid] = line.split(' ')
      return dead === '0' && (pane === null || id === pane) ? [Number(pid)] : []
    })
  }
  const environment = (program: Program) =>
    Object.entries(program.env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const pipe = (program: Program) =>
    program.stream ? [';', 'pipe-pane', '-O', `exec cat >>${shellPath(program.stream)}`] : []

  return {
    /** For a person who wants to look: read-only, and nothing but our session. */
    attachCommand: ['tmux', ...address, 'attach', '-r', '-t', `=${SESSION}`].map(word).join(' '),
    socketPath: socketPathOf(socket, env),

    /** Null when there is no tmux to run. */
    async version(): Promise<string | null> {
      try {
        return (await run('tmux', ['-V'], { env })).stdout.trim()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },

    hasSession: () => succeeds('has-session', '-t', `=${SESSION}`),

    /** Starts the server if need be, and in it the session with `program`. */
    async createSession(program: Program): Promise<void> {
      mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 })
      writeFileSync(configFile, tmuxConfig)
      // One command list: tmux reads the pane's first bytes only after the pipe is there.
      await call(
        ...['new-session', '-d', '-s', SESSION, ...size, '-c', program.cwd],
        ...environment(program),
        ...['--', ...program.argv.map(argument)],
        ...pipe(program),
      )
    },

    /** Another program in the same pane, whatever runs there now. */
    async respawn(pane: string, program: Program): Promise<void> {
      const groups = await groupsIn(pane)
      await call(
        ...['respawn-pane', '-k', '-t', pane, '-c', program.cwd],
        ...environment(program),
        ...['--', ...program.argv.map(argument)],
        ...(program.stream ? pipe(program) : [';', 'pipe-pane', '-t', pane]),
      )
      hangUp(groups)
    },

    /** Ends the session and with it the private server. */
    async kill(): Promise<void> {
      const groups = await groupsIn()
      await succeeds('kill-server')
      hangUp(groups)
    },

    /** What an earlier owner left on the server by `mark`; null when it left nothing. */
    async readMark(name: string): Promise<string | null> {
      try {
        return (await call('show-options', '-sqv', `@mc_${name}`)) || null
      } catch (error) {
        // The server may end between two looks; any other trouble must not pass for "no mark".
        if (/no server running|error connecting/.test((error as Error).message)) return null
        throw error
      }
    },

    /** Attaches the one control client. Throws ControlError when there is no session. */
    async attach(listener: PaneListener): Promise<Pane> {
      const decode = createPaneDecoder()
      let pane = ''
      const take = (event: ControlEvent) => {
        if (event.type === 'output' && event.pane === pane)
          listener.output(decode(pane, event.bytes), event.bytes.length)
        if (event.type === 'subscription' && event.value.includes(`${pane}=1 `)) listener.dead()
      }
      // ignore-size: this client has no screen.
      const attach = ['-C', 'attach-session', '-f', 'ignore-size', '-t', `=${SESSION}`]
      const client = await openControlClient(['tmux', ...base, ...attach], env, take)
      const request = client.request
      const panes = await request(`list-panes -s -t =${SESSION} -F "#{pane_id} #{@mc_pane}"`)
      // A person may have split the window; ours is marked, or the first of a new session.
      const ours = panes.find((line) => line.endsWith(' 1')) ?? panes[0] ?? ''
      pane = ours.split(' ')[0] ?? ''
      await request(`set-option -p -t ${pane} @mc_pane 1`)
      // Makes the size the window's own: a person with a small terminal sees a part of it, and
      // her program is not squeezed. Only now: asked for in advance, it crashes the 3.3a server.
      await request(`resize-window -t ${pane} ${size.join(' ')}`)
      // The death of a program under remain-on-exit sends no notification of its own. Asked of the
      // session: a subscription to a pane is silent (3.3a) once the pane is dead.
      await request('refresh-client -B "dead::#{W:#{P:#{pane_id}=#{pane_dead} }}"')
      return createPane(pane, client)
    },
  }
}
export type Tmux = ReturnType<typeof createTmux>

/**
 * A terminal that goes hangs up on the first of its processes alone, and a launcher that ignores
 * that (Gemini CLI's) leaves the program itself behind for ever.
 */
const hangUp = (groups: readonly number[]): void => {
  for (const group of groups)
    try {
      process.kill(-group, 'SIGHUP')
    } catch (error) {
      // It was gone already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
}

/** The pane by its id, over the control client. Look before you type: see each verb. */
const createPane = (id: string, client: Awaited<ReturnType<typeof openControlClient>>) => {
  const { request } = client
  const see = async (cursor: Sight['cursor']): Promise<Sight> => {
    const [rows, [line = '']] = await Promise.all([
      request(`capture-pane -p -e -t ${id}`),
      request(`display-message -p -t ${id} "#{alternate_on}#{cursor_flag} #{pane_title}"`),
    ])
    const [alternate, shown] = line
    return {
      rows,
      cursor,
      cursorHidden: shown === '0',
      title: line.slice(3),
      alternate: alternate === '1',
    }
  }
  return {
    id,
    gone: client.gone,
    close: () => client.close(),

    async mark(name: string, value: string): Promise<void> {
      await request(`set-option -s @mc_${name} ${quoted(value)}`)
    },

    /** `whole`: with the sight of the full screen, which costs 0.3 ms more. */
    async look({ whole = false } = {}): Promise<Look> {
      const format =
        '#{pane_dead} #{pane_in_mode} #{pane_pid} #{pane_pipe} #{cursor_x} #{cursor_y} #{pane_current_command}'
      const [line = ''] = await request(`display-message -p -t ${id} "${format}"`)
      const [dead, inMode, pid, piped, column, row, ...command] = line.split(' ')
      const y = Number(row) || 0
      const [screen, sight] = await Promise.all([
        request(`capture-pane -p -J -t ${id} -S 0 -E ${y}`),
        whole ? see({ x: Number(column) || 0, y }) : null,
      ])
      return {
        dead: dead === '1',
        inMode: inMode !== '0',
        pid: Number(pid),
        piped: piped === '1',
        command: command.join(' '),
        screen: screen.join('\n'),
        sight,
      }
    },

    /**
     * Into the program's input, bracketed when it asked for that. Never into a dead pane: that
     * crashes the whole 3.3a server, so the caller has just looked.
     */
    async paste(text: string, buffer: string): Promise<void> {
      // Both at once: should the first be refused, there is no buffer for the second.
      await Promise.all([
        request(`set-buffer -b ${quoted(buffer)} -- ${quoted(plainInput(text))}`),
        // -r: newlines stay newlines. -d: the buffer goes with it.
        request(`paste-buffer -p -r -d -b ${quoted(buffer)} -t ${id}`),
      ])
    },

    /** Keys as bytes: Enter is `0d`, Ctrl-C `03`. */
    async press(hex: string): Promise<void> {
      await request(`send-keys -t ${id} -H ${hex}`)
    },

    /** Copy mode swallows keys; leaving it costs the reader a scroll position. */
    async leaveMode(): Promise<void> {
      await request(`copy-mode -q -t ${id}`)
    },
  }
}
export type Pane = ReturnType<typeof createPane>

/** A trailing `;` of an argument would end the command. */
const argument = (text: string): string => (text.endsWith(';') ? `${text.slice(0, -1)}\\;` : text)

/** As a person pastes it into any shell: zsh takes a bare `=luci` for the path of a program. */
const word = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
