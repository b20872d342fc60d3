import type { FastifyInstance, InjectOptions } from 'fastify'
import type { RunningApp } from '../support/app.ts'

export const HOST = '127.0.0.1:4700'
export const ORIGIN = `http://${HOST}`

export type Answer = Awaited<ReturnType<FastifyInstance['inject']>>

/** Asks as the person's command line does. */
export const asCli = async (
  { app, cliToken }: RunningApp,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  app.inject({
    method,
    url,
    headers: { host: HOST, authorization: `Bearer ${cliToken}`, ...headers },
    ...(payload ? { payload } : {}),
  } as InjectOptions)

/** Asks as Luci does, in a turn or without. */
export const asAgent = async (
  { app, agentToken }: RunningApp,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  turn?: string,
): Promise<Answer> =>
  app.inject({
    method,
    url,
    headers: {
      host: HOST,
      authorization: `Bearer ${agentToken}`,
      ...(turn ? { 'mc-turn': turn } : {}),
    },
    ...(payload ? { payload } : {}),
  } as InjectOptions)

export type Session = { cookie: string; csrf: string }

/** Comes in by the one-time link, as a browser does. */
export const signInBy = async (running: RunningApp): Promise<Session> => {
  const link = await asCli(running, 'POST', '/api/v1/sign_in_links')
  const { pathname, search } = new URL(link.json<{ url: string }>().url)
  const entered = await running.app.inject({ url: pathname + search, headers: { host: HOST } })
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? ''
  const page = await running.app.inject({
    url: '/alerts',
    headers: { host: HOST, cookie, accept: 'text/html' },
  })
  const csrf = /name="csrf-token" content="([^"]+)"/.exec(page.body)?.[1] ?? ''
  return { cookie, csrf }
}

/** Sends a form of a page, as a browser without script does. */
export const submit = async (
  { app }: RunningApp,
  { cookie, csrf }: Session,
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  app.inject({
    method: 'POST',
    url,
    headers: {
      host: HOST,
      origin: ORIGIN,
      cookie,
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams({ _csrf: csrf, ...fields }).toString(),
  })

export const openPage = async (
  { app }: RunningApp,
  { cookie }: Session,
  url: string,
): Promise<Answer> => app.inject({ url, headers: { host: HOST, cookie, accept: 'text/html' } })
