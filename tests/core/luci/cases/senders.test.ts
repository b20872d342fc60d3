import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startWithLuci } from '../../../browser/real-luci.ts'
import type { Told } from '../../../fixtures/agents/story.ts'
import { openBrowser, signIn } from '../../../support/browser.ts'
import { mcFor } from '../../../support/mc.ts'
import { until } from '../../../support/until.ts'
import { fixture, tempFolder } from '../desk.ts'

const numbers = [1, 2, 3]
const timeout = 110_000

t.test(
  'two browsers and the CLI at once: a turn each, its own reply each',
  { timeout },
  async (t) => {
    const browser = await openBrowser(t)
    const cwd = tempFolder(t)
    const running = await startWithLuci(t, {
      MC_LUCI_PROFILE: 'generic',
      MC_LUCI_COMMAND: `${process.execPath} ${fixture('lines.ts')}`,
      MC_LUCI_PROMPT: 'ask> ',
      MC_LUCI_CWD: cwd,
    })
    await until('Luci to be idle', () => running.luci.status().state === 'idle', 60_000)
    const mc = mcFor(running)
    const [left, right] = await Promise.all([
      signIn(t, browser, running),
      signIn(t, browser, running),
    ])
    const pages = await Promise.all([left.newPage(), right.newPage()])
    const fromPage = async (page: (typeof pages)[number], name: string) => {
      await page.goto('/')
      const field = page.getByLabel('Message or ticket')
      for (const n of numbers) {
        await field.fill(`say ${name}-${n}`)
        await field.press('Control+Enter')
        await until('it to be sent', async () => (await field.inputValue()) === '', 60_000)
      }
    }
    const fromCli = async () => {
      const sent = await Promise.all(numbers.map((n) => mc(['send', `say cli-${n}`])))
      for (const [at, { exitCode, stdout }] of sent.entries())
        t.match({ exitCode, stdout }, { exitCode: 0, stdout: `cli-${numbers[at]}` })
    }
    await Promise.all([fromPage(pages[0], 'left'), fromPage(pages[1], 'right'), fromCli()])

    const names = ['left', 'right', 'cli'].flatMap((who) => numbers.map((n) => `${who}-${n}`))
    const turns = await until(
      'every turn to be answered',
      async () => {
        const rows = await running.db.kysely.selectFrom('turns').selectAll().execute()
        return rows.every(({ state }) => state === 'answered') ? rows : null
      },
      60_000,
    )
    t.same(turns.map(({ text }) => text).sort(), names.map((name) => `say ${name}`).sort())
    for (const { text, reply } of turns) t.equal(`say ${reply}`, `${text}\n`)

    const story = readFileSync(join(cwd, 'told.jsonl'), 'utf8').trimEnd().split('\n')
    const told = story.map((line) => JSON.parse(line) as Told)
    t.equal(told.length, 2 * names.length, 'nothing came twice, nothing in pieces')
    for (let at = 0; at < told.length; at += 2) {
      const [took, done] = told.slice(at, at + 2)
      const text = took && 'took' in took && took.took
      t.equal(done && 'done' in done && `say ${done.done}`, text, 'one after the other')
    }
    for (const page of pages)
      for (const name of names) await page.locator('[data-reply]', { hasText: name }).waitFor()
  },
)
