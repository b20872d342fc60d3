import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Settings } from '@mc/core/settings/settings.ts'
import { type Replay, replay } from '@mc/core/triage/replay.ts'
import { readRulesFile } from '@mc/core/triage/rules-file.ts'
import { activeRules, rulesFileState } from '@mc/core/triage/rules-setting.ts'
import { listWith } from '@mc/core/triage/triage.ts'
import { ruleOf } from '@mc/core/triage/written-rule.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { readTime } from '../schedules/times.ts'
import { ReplayShape, RulesShape } from './schemas.ts'

const Try = Type.Object(
  {
    since: Type.Optional(
      Type.String({ maxLength: 40, description: 'How long back (7d), or a time. Default: 7d' }),
    ),
    task: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    rules: Type.Optional(
      Type.String({ maxLength: 262_144, description: 'A rules file. Default: the one in use' }),
    ),
    file: Type.Optional(Type.String({ maxLength: 500, description: 'How mistakes name it' })),
  },
  { additionalProperties: false },
)

const SINCE = '7d'

export const triageRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  settings: Settings
}> = async (app, { db, clock, settings }) => {
  app.get('/rules', { schema: { response: { 200: RulesShape } } }, async () => {
    const state = await rulesFileState(settings)
    return {
      items: listWith(await activeRules(settings)).map(({ name, sentence }) => ({
        name,
        sentence,
        by: name.startsWith('user:') ? ('person' as const) : ('built_in' as const),
      })),
      file: state && { name: state.name, since: state.since, problems: state.problems },
    }
  })

  // Reads much and changes nothing; a post, because a whole file may come with it.
  app.post(
    '/try',
    { schema: { body: Try, response: { 200: ReplayShape } }, config: { may: 'person' } },
    async (request): Promise<Replay> => {
      const { since = SINCE, task, rules, file = 'rules' } = request.body
      return replay(db, {
        written: rules === undefined ? await activeRules(settings) : writtenIn(rules, file),
        since: sinceWhen(since, clock.now()),
        now: clock.now(),
        ...(task === undefined ? {} : { task }),
      })
    },
  )
}

const writtenIn = (text: string, file: string) => {
  const { rules, problems } = readRulesFile(text, file)
  if (rules) return rules.map(ruleOf)
  const count = problems.length
  throw new AppError('invalid', `${file} has ${count === 1 ? 'a mistake' : `${count} mistakes`}`, {
    problems,
  })
}

const sinceWhen = (text: string, now: Date): Date => {
  const ms = parseDuration(text)
  const isTime = !Number.isNaN(Date.parse(text))
  const since = ms === null ? isTime && readTime(text) : new Date(now.getTime() - ms)
  if (since && since < now) return since
  throw new AppError('invalid', `Expected how long back, such as 7d, or a time, got "${text}"`)
}
