import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { until } from '../../support/until.ts'
import { type Desk, openDesk, PATIENCE_MS } from '../battery/desk.ts'
import { install } from '../install.ts'
import { binOf } from '../programs.ts'

/** Codex as a person has it, at a desk of its own, against the scripted model. */
export const openCodex = async (t: Test, how: { fresh?: boolean; strange?: boolean } = {}) => {
  if (!existsSync(binOf('codex'))) await install('codex')
  const desk = await openDesk('codex', how)
  t.teardown(() => desk.close())
  return desk
}

/** What the person's own configuration says from the next start on; then she is started anew. */
export const configure = async (desk: Desk, toml: string): Promise<void> => {
  const path = join(desk.folder, 'home', '.codex', 'config.toml')
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n${toml}`)
  await desk.now().luci.switch({ profile: 'codex', anew: true })
}

/** Keys into the pane, as of a person who sits before it. */
export const press = (desk: Desk, ...keys: string[]): void =>
  void desk.tmux('send-keys', '-t', '=luci:', ...keys)

/** What she asks without a turn, with these words in it. */
export const asked = (desk: Desk, words: RegExp) =>
  until(
    `her to ask ${words}`,
    () => {
      const { asks } = desk.now().luci.status()
      return asks && words.test(asks.text) ? asks : null
    },
    PATIENCE_MS,
  )

/**
 * Answers what she asks without a turn, until her screen has `next` instead: a dialog's first moment
 * takes no key, and then it is asked again.
 */
export const answerUntil = (desk: Desk, words: RegExp, choice: RegExp, next: RegExp) =>
  until(
    `${next} after ${words}`,
    async () => {
      if (next.test(desk.screen())) return true
      const { asks } = desk.now().luci.status()
      if (!asks || !words.test(asks.text)) return false
      const { id = '' } = asks.choices.find(({ label }) => choice.test(label)) ?? {}
      try {
        await desk.now().luci.answer({ turnId: null, promptId: asks.id, choice: id })
      } catch (error) {
        // It was answered meanwhile, by the keys of the time before.
        if ((error as { code?: unknown }).code !== 'conflict') throw error
      }
      return false
    },
    PATIENCE_MS,
  )
