import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type CostLimits, setCap, unsetCap } from '@mc/core/costs/cap.ts'
import { loadPrices } from '@mc/core/costs/price-file.ts'
import { type CostSettings, parseTokens, parseUsd } from '@mc/core/costs/settings.ts'
import { capText } from '@mc/core/costs/words.ts'
import { AppError } from '@mc/core/errors.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam, NameParam } from '../schemas.ts'
import { idOf } from '../tickets/routes.ts'
import { presentCosts } from './present.ts'
import { CapShape, CostsQuery, CostsShape, SetCap, TotalShape } from './schemas.ts'

const DAYS = 30

/** What tokens and money went to, and what a day may cost. */
export const costRoutes: FastifyPluginAsyncTypebox<{
  nouns: Pick<Nouns, 'costs' | 'settings'>
}> = async (app, { nouns: { costs, settings } }) => {
  app.get(
    '/',
    { schema: { querystring: CostsQuery, response: { 200: CostsShape } } },
    async (request) => {
      const [today, days] = await Promise.all([
        costs.today(),
        costs.days(request.query.days ?? DAYS),
      ])
      return { today, days }
    },
  )

  app.get(
    '/tickets/:key',
    { schema: { params: KeyParam, response: { 200: TotalShape } } },
    async (request) => ({ usage: await costs.ofTicket(idOf(request.params.key)) }),
  )

  app.get(
    '/digests/:id',
    { schema: { params: NameParam, response: { 200: TotalShape } } },
    async (request) => ({ usage: await costs.ofDigest(request.params.id) }),
  )

  app.post(
    '/cap',
    {
      schema: { body: SetCap, response: { 200: CapShape } },
      config: { may: 'person' },
      errorHandler: refuseWithForm,
    },
    async (request, reply) => {
      const { tokens, usd, reset } = request.body
      const by = actorOf(callerOf(request)).actor
      if (reset) {
        if (tokens !== undefined || usd !== undefined)
          throw new AppError('invalid', 'Expected either a cap or reset, got both')
        await unsetCap(settings)
      } else if (tokens !== undefined || usd !== undefined)
        await setCap(settings, limitsIn(request.body, (await costs.cap()).limits), by)
      const cap = await costs.cap()
      const notice =
        cap.from === 'person'
          ? `The cap of a day is now ${capText(cap.limits)}`
          : `The cap of a day is as the environment has it: ${capText(cap.limits)}`
      return answer(request, reply, { body: cap, notice })
    },
  )
}

/** What was typed goes back to its form, with what is wrong with it. */
const refuseWithForm = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const [path, place] = (request.formBack ?? '').split('#')
  const { tokens, usd } = (request.body ?? {}) as { tokens?: string; usd?: string }
  const typed = new URLSearchParams({ ...(tokens ? { tokens } : {}), ...(usd ? { usd } : {}) })
  if (path === '/costs' && typed.size > 0)
    request.formBack = `${path}?${typed}${place ? `#${place}` : ''}`
  return refuseOnPage(error, request, reply)
}

const Typed = Type.Object({
  tokens: Type.Optional(Type.String({ maxLength: 30 })),
  usd: Type.Optional(Type.String({ maxLength: 30 })),
})

/** The last thirty days, drawn and as a table. */
export const costsPage: FastifyPluginAsyncTypebox<{
  nouns: Pick<Nouns, 'costs'>
  frame: PageFrame
  settings: CostSettings
}> = async (app, { nouns: { costs }, frame, settings }) => {
  app.get('/costs', { schema: { querystring: Typed, hide: true } }, async (request, reply) => {
    const [today, days] = await Promise.all([costs.today(), costs.days(DAYS)])
    return frame.sendPage(request, reply, 'costs/views/costs', {
      page: null,
      title: 'Costs',
      ...presentCosts(today, days),
      typed: request.query,
      mistakes: loadPrices(settings).problems,
    })
  })
}

/** One of the two alone leaves the other as it was. */
const limitsIn = ({ tokens, usd }: Static<typeof SetCap>, before: CostLimits): CostLimits => ({
  tokens:
    tokens === undefined
      ? before.tokens
      : amount(tokens, parseTokens, 'tokens such as 2000000, 500k or 2M'),
  usd: usd === undefined ? before.usd : amount(usd, parseUsd, 'US dollars such as 5 or 2.50'),
})

const amount = (
  text: string,
  parse: (text: string) => number | null,
  expected: string,
): number | null => {
  if (text.trim().toLowerCase() === 'none') return null
  const value = parse(text)
  if (value === null) throw new AppError('invalid', `Expected ${expected}, or none; got "${text}"`)
  return value
}
