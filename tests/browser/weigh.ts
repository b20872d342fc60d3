import type { BrowserContext } from 'playwright-core'
import type { Page } from '../support/browser.ts'

export type Weight = {
  /** Over the wire, headers and all, with nothing kept from before. */
  bytes: number
  requests: number
  /** Requests that hold up the first paint. */
  blocking: number
}

/** Loads a page as a browser does that has never been there. */
export const weigh = async (context: BrowserContext, url: string): Promise<Weight> => {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  let requests = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests++
  })
  await page.goto(url)
  const blocking = await page.evaluate(
    "performance.getEntriesByType('resource').filter((one) => one.renderBlockingStatus === 'blocking').length",
  )
  await page.close()
  return { bytes, requests, blocking: Number(blocking) }
}

/**
 * A page to which all that is not kept comes so slowly that it is painted before it is whole: what
 * moves on a slow line or a busy machine then moves every time.
 */
export const openSlowPage = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 5,
    downloadThroughput: 12_000,
    uploadThroughput: 1_000_000,
  })
  // As of its beginning: a minute that is full while it comes may make a line wrap.
  await page.addInitScript(`
    Date.now = () => performance.timeOrigin
    window.shifts = []
    const nameOf = (node) => (node?.outerHTML ?? node?.textContent ?? '').slice(0, 80)
    new PerformanceObserver((list) => {
      for (const { value, sources, hadRecentInput } of list.getEntries())
        if (!hadRecentInput) window.shifts.push([value, sources.map(({ node }) => nameOf(node))])
    }).observe({ type: 'layout-shift', buffered: true })`)
  return page
}

/** Cumulative layout shift of the page as it has loaded, and what has moved. */
export const shiftOf = async (page: Page): Promise<{ shift: number; moved: string[] }> => {
  // What runs last has run once the page has been painted twice.
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
  const shifts = await page.evaluate<[number, string[]][]>('window.shifts')
  return {
    shift: shifts.reduce((sum, [value]) => sum + value, 0),
    moved: shifts.flatMap(([, names]) => names),
  }
}
