import type { BrowserContext } from 'playwright-core'

export type Weight = {
  /** Over the wire, headers and all, with nothing kept from before. */
  bytes: number
  requests: number
  /** Requests that hold up the first paint. */
  blocking: number
  /** Cumulative layout shift. */
  shift: number
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
  await page.addInitScript(`
    window.shift = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })`)
  await page.goto(url)
  await page.locator('main').waitFor()
  // What runs last has run once the page has been painted twice.
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
  const blocking = await page.evaluate(
    "performance.getEntriesByType('resource').filter((one) => one.renderBlockingStatus === 'blocking').length",
  )
  const shift = await page.evaluate('window.shift')
  await page.close()
  return { bytes, requests, blocking: Number(blocking), shift: Number(shift) }
}
