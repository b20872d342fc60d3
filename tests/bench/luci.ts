import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@mc/core/client/client.ts'
import { silentLog } from '@mc/core/log.ts'
import { createLuci, type Luci } from '@mc/core/luci/luci.ts'
import { createTmux } from '@mc/core/luci/tmux.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import type { Test } from 'tap'
import { fixture, killServer } from '../core/luci/desk.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { percentile } from './ratio.ts'

const SENDS = 50

/** From the composer's POST to the pane, and from the agent's record to the browser. */
export const benchLuci = async (): Promise<void> => {
  console.log(`Luci, ${SENDS} sends, load ${loadavg()[0]?.toFixed(1)}`)
  await onDesk(undefined, toThePane)
  await onDesk([process.execPath, fixture('misbehaves.ts'), 'forever'], toTheBrowser)
}

type Desk = Awaited<ReturnType<typeof openDesk>>

/** Nothing is left when it ends: app, agent, tmux server, socket, folder. */
const onDesk = async (houseProgram: string[] | undefined, work: (desk: Desk) => Promise<void>) => {
  const ends: (() => unknown)[] = []
  const test = { teardown: (end: () => unknown) => void ends.unshift(end) } as unknown as Test
  try {
    await work(await openDesk(test, houseProgram))
  } finally {
    for (const end of ends) await end()
  }
}

/** A real app with a real session, a client of each kind, and our own eye on the pane. */
const openDesk = async (test: Test, houseProgram?: string[]) => {
  const socket = `mc-bench-${randomBytes(4).toString('hex')}`
  test.teardown(() => killServer(socket))
  const desk = await startApp<Luci>(test, {
    env: { MC_TMUX_SOCKET: socket },
    luci: ({ db, bell, clock, config, url }) =>
      createLuci({
        ...{ db, bell, clock, log: silentLog, config: config.luci, dataDir: config.dataDir },
        ...{ apiUrl: url, env: process.env, ...(houseProgram ? { houseProgram } : {}) },
      }),
  })
  const { dataDir } = desk.config
  const env = { PATH: process.env.PATH ?? '' }
  const tmux = createTmux({ socket, configFile: '/dev/null', env })
  const seen = createWatch()
  const idle = () => until('Luci to be idle', () => desk.luci.status().state === 'idle', 30_000)
  await idle()
  const pane = await tmux.attach({ output: (text) => seen.saw(text), dead: () => {} })
  test.teardown(() => pane.close())
  const client = createClient({ url: desk.url, token: desk.cliToken })
  const send = (text: string) =>
    client.post<{ turn: Turn }>('/api/v1/persistent_luci/send', { text })
  return { test, dataDir, idle, pane, seen, client, send }
}

/** The same few words into the pane by hand, then through the app: the difference is ours. */
const toThePane = async ({ pane, seen, send, idle }: Desk) => {
  const echo: number[] = []
  const sent: number[] = []
  for (let n = 0; n < SENDS; n++) {
    const shown = seen.next(`by hand ${n};`)
    await pane.paste(`[mc 000000] hello by hand ${n};`, 'mc-bench')
    echo.push(await shown)
    await pane.press('15')
    await until('an empty input', async () => (await pane.look()).screen.trimEnd().endsWith('›'))
  }
  for (let n = 0; n < SENDS; n++) {
    const shown = seen.next(`by post ${n};`)
    await send(`hello by post ${n};`)
    sent.push(await shown)
    await idle()
  }
  row("the agent's own echo of a paste", echo)
  row('POST send → text in the pane', sent)
  const own = percentile(sent, 0.95) - percentile(echo, 0.95)
  console.log(`p95 over the echo (budget 25 ms): ${own.toFixed(1)} ms`)
}

/** The agent keeps the turn in hand while we write its record, and so know when. */
const toTheBrowser = async ({ test, dataDir, client, send, pane, idle }: Desk) => {
  const over = new AbortController()
  const told = createWatch()
  const listening = (async () => {
    for await (const { event, data } of client.events('/api/v1/events', { signal: over.signal })) {
      const said = data as { id?: string; turnId?: string; state?: string; text?: string }
      const heard = event === 'text' ? [said.turnId, said.text] : [said.id, said.state]
      told.saw(`${event} ${heard.join(' ')}\n`)
    }
  })()
  test.teardown(async () => {
    over.abort()
    await listening
  })
  const text: number[] = []
  const done: number[] = []
  for (let n = 0; n < SENDS; n++) {
    const thinking = told.next('I am thinking')
    const { turn } = await send(`think ${n}`)
    await thinking
    const { evidence } = await client.get<Turn>(`/api/v1/turns/${turn.id}`)
    const write = (record: object) =>
      appendFileSync(
        join(dataDir, 'luci', String(evidence.record)),
        `${JSON.stringify({ turn: turn.id, ...record })}\n`,
      )
    const heard = told.next(`text ${turn.id} mark ${n};`)
    write({ type: 'text', text: `mark ${n};` })
    text.push(await heard)
    const ended = told.next(`turn ${turn.id} answered`)
    write({ type: 'answered', reply: 'done' })
    done.push(await ended)
    await pane.press('03')
    await idle()
  }
  row('record written → text at an SSE client (budget 50 ms)', text)
  row('last record written → answered there (budget 100 ms)', done)
}

/** Milliseconds from the asking until a word is seen. */
const createWatch = () => {
  let waiting: { word: string; seen: string; found(): void } | null = null
  return {
    saw: (text: string) => {
      if (!waiting) return
      waiting.seen += text
      if (waiting.seen.includes(waiting.word)) waiting.found()
    },
    next: async (word: string): Promise<number> => {
      const start = performance.now()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting = { word, seen: '', found: resolve }
      const tooLate = AbortSignal.timeout(30_000)
      tooLate.onabort = () => reject(new Error(`Waited 30 s for "${word}" to be seen`))
      await promise
      tooLate.onabort = null
      return performance.now() - start
    },
  }
}

const row = (name: string, times: number[]) => {
  const ms = (share: number) => percentile(times, share).toFixed(1).padStart(6)
  console.log(`${name.padEnd(58)} p50 ${ms(0.5)}  p95 ${ms(0.95)} ms`)
}
