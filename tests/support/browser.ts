import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium as playwright } from 'playwright-core'
import type { RunningApp, Teardown } from './app.ts'
import { longest } from './bundled-tap.ts'
import { until } from './until.ts'

export type { Page } from 'playwright-core'

let opened: Promise<Browser> | undefined

/** A real Chromium from npm, one for a file or a bundle of them; gone after its tests. */
export const openBrowser = async (test: Teardown): Promise<Browser> => {
  if (!(await opened)?.isConnected()) opened = launch(longest(test))
  return opened as Promise<Browser>
}

const launch = async (test: Teardown): Promise<Browser> => {
  const browser = await playwright.launch({
    executablePath: await unpackedChromium(),
    // Its own list of arguments is for other places: one process for all dies with its first
    // window, and without web security a test of the content policy would prove nothing.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    headless: true,
  })
  test.teardown(() => browser.close())
  return browser
}

/**
 * The package unpacks its Chromium into the temp folder at the first call, and takes half a file
 * of another process for a whole one. So one process unpacks and the others wait for it.
 */
const unpackedChromium = async (): Promise<string> => {
  const ready = join(tmpdir(), 'chromium-ready')
  if (!existsSync(ready) && isFirst(join(tmpdir(), 'chromium-unpacking'))) {
    await chromium.executablePath()
    writeFileSync(ready, '')
  }
  await until('another process to unpack Chromium', () => existsSync(ready), 60_000)
  return chromium.executablePath()
}

const isFirst = (folder: string): boolean => {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Who began a minute ago was broken off.
    return Date.now() - statSync(folder).mtimeMs > 60_000
  }
}

/** What a page does in a moment may take long on a machine that does much else. */
const PATIENCE_MS = 60_000

export type VisitOptions = {
  width?: number
  height?: number
  colorScheme?: 'light' | 'dark'
  javaScript?: boolean
  timezoneId?: string
}

/** A browser window that came in by the one-time link, as a person does; closed after the test. */
export const signIn = async (
  test: Teardown,
  browser: Browser,
  app: Pick<RunningApp, 'url' | 'cliToken'>,
  {
    width = 1280,
    height = 800,
    colorScheme = 'light',
    javaScript = true,
    timezoneId,
  }: VisitOptions = {},
): Promise<BrowserContext> => {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled: javaScript,
    ...(timezoneId ? { timezoneId } : {}),
    baseURL: app.url,
  })
  test.teardown(() => context.close())
  context.setDefaultTimeout(PATIENCE_MS)
  // The window keeps the cookie; the page that the link leads to nobody has to see.
  await context.request.get(await signInLink(app), { maxRedirects: 0 })
  return context
}

/** The one-time link, as `mc sign-in` prints it. */
export const signInLink = async (app: Pick<RunningApp, 'url' | 'cliToken'>): Promise<string> => {
  const response = await fetch(`${app.url}/api/v1/sign_in_links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.cliToken}` },
  })
  const { url } = (await response.json()) as { url: string }
  return url
}
